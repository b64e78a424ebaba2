/**
 * The veil over what this phone keeps: which part of a row only its person may read, and the one place where every row
 * is hidden on its way to the disk and shown on its way back. With no lock on this phone rows pass as they are.
 *
 * A row keeps in plain sight what the sender needs (numbers, digests, states, times, which form), so that a locked phone
 * still delivers. The rest lies in a box under the key of the person, or under the key that the people of this phone
 * share. Boxes are made and opened without waiting: a transaction ends at the first wait for anything but itself.
 */
import { pack, unpack } from './packing.ts'

/** What the lock gives while somebody has unlocked this phone. */
export interface Veil {
  /** Whose phone it is now. */
  own: string
  /** The key that all people of this phone share. */
  shared: string
  /** False while the lock is being taken off: then what is written is written plainly. */
  hides: boolean
  hide(keyId: string, plain: Uint8Array): Uint8Array
  show(keyId: string, box: Uint8Array): Uint8Array | null
}

interface Box {
  by: string
  bytes: Uint8Array
}

/** The parts of a row that could not be opened. */
export interface Veiled {
  own?: Box
  shared?: Box
}

/** Somebody has to unlock this phone first. */
export class Locked extends Error {
  override name = 'Locked'
}

type Whose = 'own' | 'shared'
type Row = Record<string, unknown> & { veiled?: Veiled }

/** By store: the parts that are hidden, and what stands there while they are. */
const PARTS: Record<Whose, Record<string, Record<string, unknown>>> = {
  own: {
    drafts: { answers: {}, location: null, links: undefined },
    records: { title: '', place: null, location: null, links: undefined },
    photos: { thumbnail: new ArrayBuffer(0), about: undefined, covers: undefined },
    photoBytes: { attachment: new ArrayBuffer(0), screen: null, uncovered: undefined },
  },
  shared: {
    records: { review: null },
    lists: { rows: [] },
  },
}
export const SHARED_META = ['tasks', 'alerts', 'nearby', 'leading', 'patrolNews', 'patrolSummaries']
const SENT_WHILE_LOCKED = ['records'] // whose rows the sender goes on writing; what it may not read stays as it lies

let veil: Veil | 'off' | 'locked' = 'off'

export function setVeil(next: Veil | 'off' | 'locked'): void {
  veil = next
}

export function isOff(): boolean {
  return veil === 'off'
}

export function isLocked(): boolean {
  return veil === 'locked'
}

/** Whether what is finished now must be sealed to the server. */
export function isVeiling(): boolean {
  return typeof veil === 'object' && veil.hides
}

export function hideRow(store: string, key: unknown, value: unknown): unknown {
  if (store === 'meta') return hideMeta(String(key), value)
  let row = value as Row
  for (const whose of ['own', 'shared'] as const) row = hidePart(whose, store, row)
  return row
}

export function showRow(store: string, value: unknown): unknown {
  if (value === undefined || value === null) return value
  if (store === 'meta') return showMeta(value)
  const { veiled, ...row } = value as Row
  if (!veiled) return value
  let shown: Row = row
  for (const whose of ['own', 'shared'] as const) {
    const box = veiled[whose]
    if (!box) continue
    const part = opened(box)
    if (part) shown = { ...shown, ...(part as Row) }
    else shown = { ...PARTS[whose][store], ...shown, veiled: { ...shown.veiled, [whose]: box } }
  }
  return shown
}

/** Text for where only text can be kept, such as sessionStorage. Null while there is nothing to hide it with. */
export function hideText(text: string): string | null {
  if (veil === 'off') return text
  if (veil === 'locked') return null
  const bytes = veil.hide(veil.own, new TextEncoder().encode(text))
  return MARK + btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}

export function showText(text: string): string | null {
  if (!text.startsWith(MARK)) return text
  if (typeof veil === 'string') return null
  const bytes = Uint8Array.from(atob(text.slice(MARK.length)), (letter) => letter.charCodeAt(0))
  const plain = veil.show(veil.own, bytes)
  return plain && new TextDecoder().decode(plain)
}

function hidePart(whose: Whose, store: string, row: Row): Row {
  const part = PARTS[whose][store]
  const isSealed = store === 'photoBytes' && row['sealed'] === true // by a stronger key than any here
  if (veil === 'off' || !part || isSealed) return row
  const shown = { ...row }
  const hidden: Row = {}
  for (const name of Object.keys(part)) {
    if (row[name] !== undefined && row[name] !== null && row[name] !== part[name]) hidden[name] = row[name]
    delete shown[name]
  }
  if (row.veiled?.[whose] && Object.keys(hidden).length === 0) return shown
  if (veil === 'locked') {
    if (SENT_WHILE_LOCKED.includes(store)) return row
    throw new Locked(LOCKED)
  }
  if (!veil.hides || Object.keys(hidden).length === 0) return row
  return { ...shown, veiled: { ...row.veiled, [whose]: boxed(whose, hidden, veil) } }
}

function hideMeta(key: string, value: unknown): unknown {
  const whose = SHARED_META.includes(key) ? 'shared' : key.startsWith('last ') ? 'own' : null
  if (veil === 'off' || whose === null) return value
  if (veil === 'locked') throw new Locked(LOCKED)
  return veil.hides ? { veiled: { [whose]: boxed(whose, value, veil) } } : value
}

function showMeta(value: unknown): unknown {
  const veiled = typeof value === 'object' ? (value as Row).veiled : undefined
  const box = veiled?.own ?? veiled?.shared
  return box ? (opened(box) ?? undefined) : value
}

function boxed(whose: Whose, value: unknown, by: Veil): Box {
  const keyId = by[whose]
  return { by: keyId, bytes: by.hide(keyId, pack(value)) }
}

function opened(box: Box): unknown {
  const plain = typeof veil === 'object' ? veil.show(box.by, box.bytes) : null
  return plain && unpack(plain)
}

const MARK = 'veiled:'
const LOCKED = 'Beatbook is locked. Unlock it with your PIN first.'
