/** The words the phone's halves share: forms, drafts, photos, records, receipts and what the status strip says. */

export type FieldType =
  | 'text'
  | 'integer'
  | 'decimal'
  | 'date'
  | 'time'
  | 'dateTime'
  | 'select_one'
  | 'select_multiple'
  | 'geopoint'
  | 'image'
  | 'signature'
  | 'drawing'
  | 'sketch'
  | 'note'
  | 'calculate'
  | 'counter'
  | 'group'
  | 'repeat'

export interface Choice {
  name: string
  label: string
  icon?: string
  [column: string]: unknown
}

export interface Field {
  name: string
  type: FieldType
  label: string
  hint?: string
  required?: boolean | string
  requiredMessage?: string
  relevant?: string
  constraint?: string
  constraintMessage?: string
  calculate?: string
  default?: unknown
  appearance?: string
  choices?: Choice[]
  from?: string
  choiceFilter?: string
  readOnly?: boolean
  min?: number
  max?: number
  maxLength?: number
  original?: boolean
  icon?: string
  /** The form that this note leads to, and which of our answers go with it: {theirs: ours}. */
  opens?: string
  gives?: Record<string, string>
  /** A number that is given once: the server looks for another record that carries it. */
  unique?: boolean
  /** The choice that a group's one button gives. */
  usual?: string
  /** What a text says until somebody writes it otherwise, an expression. */
  drafted?: string
  fields?: Field[]
}

/** What makes a record a legal notice: see Issue in server/beatbook/forms/form.py. */
export interface Issue {
  when: string
  title: string
  prefix: string
  number: string
  at: string
  pad?: string
  button: string
  sure: string
  otherwise: string
  /** What the square beside the number says, an expression. */
  qr?: string
  shows: string[]
  must: string[]
  notice: string[]
}

export interface Form {
  formId: string
  version: string
  title: string
  icon?: string
  audience: string[]
  regime: string
  retention: string
  instanceName?: string
  fields: Field[]
  hint?: string
  /** Once finished it is neither pulled back nor mended. */
  final?: boolean
  /** The lists that its choices come from and its expressions look into. */
  lists?: string[]
  issue?: Issue
  /** Not begun from the home screen, only from where it belongs. */
  apart?: boolean
  /** Where its picture stands on the home screen of a role: in this order, or behind "More forms". */
  home?: Record<string, number | 'more'>
}

/** One value of a dated setting and the day (YYYY-MM-DD) from which it counts; an empty one is always. */
export interface SettingRow {
  name: string
  value: string | number
  from: string
}

/** Something urgent that another device recorded and that this device's role is told of. */
export interface Alert {
  instanceId: string
  formId: string
  flag: string
  title: string
  place: string | null
  receivedAt: string
}

/** Answers by field name. Image answers are arrays of SHA-256, as on the wire. */
export type Answers = Record<string, unknown>

export interface Location {
  latitude: number
  longitude: number
  accuracy: number
  source: 'gps' | 'pin' | 'spot'
  fixedAt: string
}

/** What a record came of, beside its answers. */
export interface Links {
  /** The task it was made on. */
  taskId?: string
  /** The record it is about. */
  aboutId?: string
}

export interface Draft {
  instanceId: string
  formId: string
  formVersion: string
  answers: Answers
  startedAt: string
  changedAt: string
  /** The number among this device's records. 0 until the draft is finished for the first time, so a discarded draft leaves no gap. */
  counter: number
  location: Location | null
  replaces: string | null
  patrolId: string | null
  links?: Links | undefined
}

/** What is said of a photo, in the words of its row on the wire. */
export interface PhotoAbout {
  caption?: string
  /** One of the question's choices. */
  shows?: string
  /** Can somebody be recognised? */
  person?: 'no' | 'adult' | 'under_18'
  person_reason?: string
  /** What was written because nobody could sign. */
  typed?: string
}

/** A place on a photo that is blacked out, in parts of its width and height. */
export interface Cover {
  x: number
  y: number
  width: number
  height: number
}

export interface Photo {
  id: string
  instanceId: string
  field: string
  sha256: string
  size: number
  mediaType: string
  width: number
  height: number
  takenAt: string
  /** Where it stands among the photos of its question; without one, where it was taken. */
  order?: number
  about?: PhotoAbout
  /** What is blacked out and can still be uncovered; and how many places were, once the record was finished. */
  covers?: Cover[]
  covered?: number
  /** The SHA-256 of the camera's own file, where the form keeps that too. */
  original?: string
  state: 'kept' | 'sent'
  /** A JPEG of at most 320 px. The photo's own bytes live in their own store: see photoBytes(). */
  thumbnail: ArrayBuffer
}

/** `records()` holds finished records only; what is 'unfinished' is a draft, see `drafts()`. */
export type RecordState =
  'unfinished' | 'waiting' | 'sending' | 'sent' | 'held' | 'returned' | 'approved' | 'rejected' | 'mended' | 'stuck'

export interface RecordView {
  instanceId: string
  formId: string
  title: string
  state: RecordState
  /** 'Waiting to send', 'Sent 09:43, receipt 7K3Q', 'Sent back: photo too dark' … */
  words: string
  /** Why: 'no signal', the reviewer's note, what the server said. */
  detail: string | null
  capturedAt: string
  photosSent: number
  photosTotal: number
  receipt: Receipt | null
  place: string | null
  changedAt: string
  /** The task it was made on. */
  taskId: string | null
}

export interface HistoryLine {
  at: string
  words: string
}

export interface RecordDetail extends RecordView {
  /** Nobody can read it on this phone any more; the office can. */
  isSealed: boolean
  location: Location | null
  answers: Answers
  form: Form | null
  links: Links
  history: HistoryLine[]
}

export interface Receipt {
  instanceId: string
  digest: string
  epoch: string
  seq: number
  chain: string
  receivedAt: string
}

/** A map file the office has for this phone, should it want it. */
export interface MapOffer {
  size: number
  version: string
}

export interface Device {
  deviceId: string
  name: string
  role: string
  serverId: string
  /** Where this device stays; missing or null where it goes from school to school. */
  school?: string | null
  /** What stands in the numbers of the notices it gives: L-26-04-0117 is of device 04. Not there before the first contact. */
  code?: string
  /** Whether the office has said that this phone is theirs; until then it gets no tasks. */
  confirmed?: boolean
  /** The officer who carries it, as the office has it. */
  holder?: string | null
}

export interface SyncStatus {
  /** The server does not know this phone any more: only a new code lets anything go. */
  signIn: boolean
  /** What the strip says: 'All sent', '1 waiting, no signal', 'Sending 2 of 5', '1 needs you', '3 waiting, next try in 40 s'. */
  words: string
  /** What "Send now" answers: a sentence that says what to do, where there is something. */
  answer: string
  tone: 'quiet' | 'waiting' | 'busy' | 'attention'
  waiting: number
  sending: number
  attention: number
  /** Whether our own server answered at the last contact; null before the first. */
  online: boolean | null
  /** When the next try comes by itself, in milliseconds since 1970, or null when none is due. */
  nextTryAt: number | null
  /** By how many milliseconds this phone's clock is ahead of the office's; null before the first contact. */
  ahead: number | null
}

export interface StorageReport {
  persisted: boolean | null
  usage: number | null
  quota: number | null
  unsent: number
  oldestUnsentAt: string | null
  /** This phone's storage was cleared since it was last used: whatever had not been sent is gone. */
  wiped: boolean
}

export type TaskState = 'todo' | 'accepted' | 'doing' | 'done' | 'not_done'

/** Something to do in a window of time, as the office gave it out. */
export interface Task {
  taskId: string
  title: string
  note: string | null
  origin: string
  place: string | null
  startsAt: string
  endsAt: string
  /** The form it opens. */
  formId: string | null
  state: TaskState
  stateAt: string
  /** Why it was not done. */
  reason: string | null
}

interface CardPart {
  kind: 'words' | 'figure' | 'slot'
  text: string
}

export interface CardBlock {
  kind: 'text' | 'item'
  parts: CardPart[]
}

/** A piece of advice to show to people. */
export interface Card {
  code: string
  version: number
  title: string
  audience: string[]
  language: string
  sourceNote: string
  reviewDue: string
  factValidUntil: string | null
  blocks: CardBlock[]
  /** What a slot says, by the condition under which it may. */
  words: Record<string, { usual: string; mandatory?: string; enforceable?: string }>
}
