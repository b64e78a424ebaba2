/** The words people see on more than one screen, in one place so that a thing has one name. */
import type { RecordState } from '../types.ts'

export const words = {
  home: 'Home',
  outbox: 'Outbox',
  device: 'This device',
  finish: 'Finish',
  sendNow: 'Send now',
  takePhoto: 'Take photo',
  choosePhoto: 'Choose photo',
  undo: 'Undo',
  removed: 'Removed.',
  nothingWaiting: 'Nothing waiting. Tap a picture to start.',
  goesByItself: 'It will go by itself.',
  optional: 'if you can',
}

/** The picture beside each state; the words beside it come from the outbox. */
export const stateIcons: Record<RecordState, string> = {
  unfinished: 'pencil',
  waiting: 'clock',
  sending: 'cloud-upload',
  sent: 'check',
  held: 'clock',
  returned: 'undo-2',
  approved: 'badge-check',
  rejected: 'circle-x',
  mended: 'pencil',
  stuck: 'circle-alert',
}

const roles: Record<string, string> = {
  officer: 'Officer',
  foreshore: 'Foreshore',
  pupil: 'Pupil patrol',
  supervisor: 'Supervisor',
  auditor: 'Auditor',
  admin: 'Administrator',
}

export function roleName(role: string): string {
  return roles[role] ?? role.charAt(0).toUpperCase() + role.slice(1)
}

/** What somebody of this role holds in their hand. */
export function thingOf(role: string): 'phone' | 'tablet' {
  return role === 'pupil' ? 'tablet' : 'phone'
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}

/** "about 8 m" */
export function accuracy(metres: number): string {
  return metres < 1000 ? `about ${Math.max(1, Math.round(metres))} m` : `about ${Math.round(metres / 1000)} km`
}

/** "good, about 8 m": a number alone does not say whether a crew will find it. */
export function accuracyInWords(metres: number): string {
  const good = metres <= 20 ? 'good' : metres <= 60 ? 'fair' : metres <= 500 ? 'rough' : 'very rough'
  return `${good}, ${accuracy(metres)}`
}

/** "2.1 GB", "340 MB" */
export function bytes(number: number): string {
  if (number >= 1e9) return `${(number / 1e9).toFixed(1)} GB`
  if (number >= 1e6) return `${Math.round(number / 1e6)} MB`
  return `${Math.max(1, Math.round(number / 1e3))} KB`
}

/** What can be said over a radio: the last six characters of the record's id. */
export function reference(instanceId: string): string {
  const last = instanceId.replaceAll('-', '').slice(-6).toUpperCase()
  return `${last.slice(0, 3)} ${last.slice(3)}`
}
