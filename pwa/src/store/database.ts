/** The one database on the phone: its stores, its strict transactions, and what happens when the browser loses it. */
import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction, type StoreNames } from 'idb'
import type { Answers, Draft, Form, HistoryLine, Links, Location, Photo, Receipt } from '../types.ts'
import { StoreFull, StoreUnavailable } from './problems.ts'
import { hideRow, hideText, isOff, showRow, showText, type Veiled } from './veil.ts'

export interface DraftRow extends Draft {
  /** Set while "Undo" can still bring the draft back; the next start removes it. */
  discardedAt: string | null
  /** It is another person's, or this phone is locked. */
  veiled?: Veiled
  /** Put away for the officer who began it, because another carries this phone now. */
  by?: string
}

/** Whether it was sent is the record's to know: a row with a thumbnail is not written again for that. */
export interface PhotoRow extends Omit<Photo, 'state'> {
  removedAt: string | null
  /** The row of the camera's own file this one was made from. */
  originalId?: string
  veiled?: Veiled
}

/**
 * `attachment` is what the server gets; `screen` is there only when that is the camera's own file, too large to look at.
 * `uncovered` is the photo before anything on it was blacked out: it is gone the moment the record is finished.
 */
export interface PhotoBytesRow {
  id: string
  attachment: ArrayBuffer
  screen: ArrayBuffer | null
  uncovered?: ArrayBuffer
  /** The attachment is a parcel for the server, and nothing else is here. */
  sealed?: true
  veiled?: Veiled
}

export interface AttachmentRef {
  field: string
  sha256: string
  size: number
  mediaType: string
}

interface Refusal {
  type: string
  detail: string
  at: string
}

export interface Review {
  reviewState: string
  reason: string | null
  /** The reason in the reviewer's own words: 'The photo is too dark'. */
  reasonWords?: string | null
  note: string | null
  reviewedAt: string
  reviewer: string | null
  /** Of a record that was sent back: what it answered, for a phone that cannot read its own copy any more. */
  answers?: Answers
}

export interface RecordRow {
  instanceId: string
  formId: string
  formVersion: string
  formTitle: string
  title: string
  place: string | null
  startedAt: string
  capturedAt: string
  changedAt: string
  counter: number
  location: Location | null
  replaces: string | null
  patrolId: string | null
  links?: Links | undefined
  /** The server this record was made for; it is never offered to another. */
  serverId: string | null
  /** The frozen submission. Null once the delete rule has let it go: receipt, thumbnails and this summary stay. */
  bytes: ArrayBuffer | null
  /** The bytes are a parcel for the server; the digest is of what is inside. */
  sealed?: true
  digest: string
  attachments: AttachmentRef[]
  /** What the server has said of it. 'ready' until there is a receipt; 'lost' when it lost what this phone has let go. */
  state: 'ready' | 'stored' | 'held' | 'redacted' | 'lost'
  /** When its bytes first left this phone. From then on the server may have them, whatever it answered. */
  offeredAt: string | null
  tries: number
  receipt: Receipt | null
  /** The SHA-256 of every attachment the server does not have yet. */
  missing: string[]
  /** What the server would not take and why: the record itself, or the photos in `setAside`. */
  refusal: Refusal | null
  setAside: string[]
  review: Review | null
  replacedBy: string | null
  history: HistoryLine[]
  veiled?: Veiled
}

/** Kept after the payload is gone, so that a server that lost its history can be told what it had. */
export interface ReceiptRow extends Receipt {
  /** The epoch in which our server last said it has this record. */
  confirmedEpoch: string | null
  /** The receipt in the history that the server has now, if that is another than the one it was received in. */
  present?: Receipt
  /** What it was, for the day the server asks; rows of older versions lack it. */
  formId?: string
  capturedAt?: string
  counter?: number
}

interface FormRow {
  formId: string
  version: string
  form: Form
  /** The version new records are made with. */
  current: boolean
}

export interface ListRow {
  name: string
  rows: Record<string, string>[]
  /** The icon of its rows, where they are places to say where something was. */
  places?: string
}

export interface Schema extends DBSchema {
  drafts: { key: string; value: DraftRow }
  records: { key: string; value: RecordRow }
  photos: { key: string; value: PhotoRow; indexes: { instanceId: string } }
  photoBytes: { key: string; value: PhotoBytesRow }
  forms: { key: [string, string]; value: FormRow; indexes: { formId: string } }
  lists: { key: string; value: ListRow }
  receipts: { key: string; value: ReceiptRow }
  meta: { key: string; value: unknown }
}

/** 'finished': a record is ready to go. 'enrolled': this phone has a server to send to. 'cleared': nothing is here any more. */
type News = 'changed' | 'finished' | 'enrolled' | 'cleared'

export type StoreName = StoreNames<Schema>
export type Write = IDBPTransaction<Schema, StoreName[], 'readwrite'>
export type Read = IDBPTransaction<Schema, StoreName[], 'readonly'>

const NAME = 'beatbook'
const ANNOUNCE_WITHIN = 40 // ms: a burst of writes makes lists read once, and nobody sees the difference
const VERSION = 1
const STASH = 'beatbook.stash'
const RELOADS = 'beatbook.reloads'
const RELOADS_A_MINUTE = 2 // a third would be a loop, and the person would never see why

let opening: Promise<IDBPDatabase<Schema>> | null = null
let channel: BroadcastChannel | null = null
let full = false
let over = false
let announcement: ReturnType<typeof setTimeout> | null = null
const listeners = new Set<(news: News) => void>()
const stashers = new Set<() => { instanceId: string } | null>()

/** Opens the database, or says in a sentence why this browser cannot keep anything. */
export async function openDatabase(): Promise<void> {
  await withConnection(async () => undefined)
  channel ??= openChannel()
}

/** One strict transaction: it has reached the disk when this resolves, and left no trace when it throws. */
export async function write<T>(stores: StoreName[], work: (tx: Write) => Promise<T>): Promise<T> {
  const result = await withConnection(async (db) => {
    const tx = db.transaction(stores, 'readwrite', { durability: 'strict' })
    const done = tx.done
    done.catch(() => undefined) // awaited below; this only keeps an early abort from being reported as unhandled
    let result: T
    try {
      result = await work(behindVeil(tx))
    } catch (error) {
      await abort(tx)
      throw tx.error ?? error
    }
    await done
    return result
  })
  announce()
  return result
}

/** Whether the browser has refused a save for want of room since this page began. What it says of its quota is made up. */
export function wasFull(): boolean {
  return full
}

export async function read<T>(stores: StoreName[], work: (tx: Read) => Promise<T>): Promise<T> {
  return withConnection((db) => work(behindVeil(db.transaction(stores, 'readonly'))))
}

export async function meta<T>(key: string): Promise<T | null> {
  return read(['meta'], async (tx) => ((await tx.objectStore('meta').get(key)) as T | undefined) ?? null)
}

export async function setMeta(key: string, value: unknown): Promise<void> {
  await write(['meta'], async (tx) => {
    await tx.objectStore('meta').put(value, key)
  })
}

/** Calls back after every change, made here or in another tab. */
export function subscribe(listener: (news: News) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function announce(news: News = 'changed'): void {
  if (news !== 'changed') tell(news)
  else announcement ??= setTimeout(() => tell('changed'), ANNOUNCE_WITHIN)
}

/** What to carry across a reload when the browser has lost the database under an open form. */
export function stashOnLoss(open: () => { instanceId: string } | null): void {
  stashers.add(open)
}

/** What the reload carried over; read once, and by the one who put it there. */
export function takeStash(): unknown[] {
  if (typeof sessionStorage === 'undefined') return []
  const text = showText(sessionStorage.getItem(STASH) ?? '')
  if (text !== null) sessionStorage.removeItem(STASH)
  return text ? (JSON.parse(text) as unknown[]) : []
}

/** Closes everything, so that a test or another version can open it anew. */
export async function closeDatabase(): Promise<void> {
  const db = await opening?.catch(() => null)
  db?.close()
  opening = null
  channel?.close()
  channel = null
}

/** The phone clears itself: every tab lets go of the database and opens it no more. */
export async function closeForGood(): Promise<void> {
  over = true
  tell('cleared')
  const db = await opening?.catch(() => null)
  db?.close()
  opening = null
}

/** For tests: as a page that was loaded anew. */
export function beginAnew(): void {
  over = false
}

/** Whether this phone has cleared itself since this page began. */
export function isOver(): boolean {
  return over
}

function tell(news: News): void {
  if (news === 'changed') announcement = null
  channel?.postMessage(news)
  for (const listener of listeners) listener(news)
}

function connection(): Promise<IDBPDatabase<Schema>> {
  opening ??= open().catch((error: unknown) => {
    opening = null
    throw error
  })
  return opening
}

async function open(): Promise<IDBPDatabase<Schema>> {
  if (over) throw new StoreUnavailable(CLEARED)
  if (typeof indexedDB === 'undefined') throw new StoreUnavailable(NO_STORE)
  try {
    return await openDB<Schema>(NAME, VERSION, {
      upgrade: createStores,
      blocking: (_from, _to, event) => {
        ;(event.target as IDBDatabase).close() // another tab brings a newer schema; holding on would stop it
        opening = null
      },
      terminated: () => {
        opening = null
      },
    })
  } catch (error) {
    throw isLost(error) ? error : new StoreUnavailable(NO_STORE, { cause: error })
  }
}

function createStores(db: IDBPDatabase<Schema>): void {
  db.createObjectStore('drafts', { keyPath: 'instanceId' })
  db.createObjectStore('records', { keyPath: 'instanceId' })
  db.createObjectStore('photos', { keyPath: 'id' }).createIndex('instanceId', 'instanceId')
  db.createObjectStore('photoBytes', { keyPath: 'id' })
  db.createObjectStore('forms', { keyPath: ['formId', 'version'] }).createIndex('formId', 'formId')
  db.createObjectStore('lists', { keyPath: 'name' })
  db.createObjectStore('receipts', { keyPath: 'instanceId' })
  db.createObjectStore('meta')
}

/** Safari drops the connection under a living page. One reopen sometimes helps; after that only a reload does. */
async function withConnection<T>(work: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
  try {
    return await work(await connection())
  } catch (error) {
    if (!isLost(error)) throw translated(error)
    opening = null
  }
  try {
    return await work(await connection())
  } catch (error) {
    if (!isLost(error)) throw translated(error)
    reloadOnce()
    throw new StoreUnavailable(LOST_STORE, { cause: error })
  }
}

function isLost(error: unknown): boolean {
  if (!(error instanceof DOMException)) return false
  if (error.name === 'InvalidStateError') return true
  return error.name === 'UnknownError' && /connection|server lost/i.test(error.message)
}

function translated(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'QuotaExceededError') return error
  full = true
  return new StoreFull(FULL, { cause: error })
}

async function abort(tx: Write): Promise<void> {
  try {
    tx.abort()
  } catch {
    // It has aborted already, which is what is wanted.
  }
  await tx.done.catch(() => undefined)
}

function reloadOnce(): void {
  if (over || typeof sessionStorage === 'undefined' || typeof location === 'undefined') return
  const now = Date.now()
  const recent = (JSON.parse(sessionStorage.getItem(RELOADS) ?? '[]') as number[]).filter((at) => now - at < 60_000)
  if (recent.length >= RELOADS_A_MINUTE) return
  sessionStorage.setItem(RELOADS, JSON.stringify([...recent, now]))
  putByWhatIsInHand()
  if (typeof addEventListener !== 'undefined') addEventListener('pagehide', putByWhatIsInHand) // a last letter may be typed before the page is gone
  location.reload()
}

function putByWhatIsInHand(): void {
  const inHand = [...stashers].map((stash) => stash()).filter(Boolean)
  // With nothing in hand, what an earlier loss put by is left there.
  const text = inHand.length ? hideText(JSON.stringify(inHand)) : null
  if (text) sessionStorage.setItem(STASH, text)
}

/** The same transaction, through which every row is hidden and shown. */
function behindVeil<T extends Write | Read>(tx: T): T {
  if (isOff()) return tx
  const objectStore = (name: StoreName) => veiledStore(tx.objectStore(name) as unknown as AnyStore, name)
  return { objectStore } as unknown as T
}

interface AnyIndex {
  get(key: unknown): Promise<unknown>
  getAll(key?: unknown): Promise<unknown[]>
  getAllKeys(key?: unknown): Promise<unknown[]>
}

interface AnyStore extends AnyIndex {
  getKey(key: unknown): Promise<unknown>
  put(value: unknown, key?: unknown): Promise<unknown>
  add(value: unknown, key?: unknown): Promise<unknown>
  delete(key: unknown): Promise<void>
  clear(): Promise<void>
  index(name: string): AnyIndex
}

function veiledStore(store: AnyStore, name: StoreName): AnyStore {
  const shown = (from: AnyIndex): AnyIndex => ({
    get: (key) => from.get(key).then((row) => showRow(name, row)),
    getAll: (key) => from.getAll(key).then((rows) => rows.map((row) => showRow(name, row))),
    getAllKeys: (key) => from.getAllKeys(key),
  })
  return {
    ...shown(store),
    getKey: (key) => store.getKey(key),
    put: (value, key) => store.put(hideRow(name, key, value), key),
    add: (value, key) => store.add(hideRow(name, key, value), key),
    delete: (key) => store.delete(key),
    clear: () => store.clear(),
    index: (index) => shown(store.index(index)),
  }
}

function openChannel(): BroadcastChannel | null {
  if (typeof BroadcastChannel === 'undefined') return null
  const opened = new BroadcastChannel(NAME)
  opened.onmessage = (event: MessageEvent<News>) => {
    if (event.data === 'cleared') over = true // the tab that clears this phone closes our database through `blocking`
    for (const listener of listeners) listener(event.data)
  }
  return opened
}

const NO_STORE =
  'This browser does not let Beatbook keep anything on this phone. Leave private browsing, or open Beatbook in another browser.'
const CLEARED = 'This phone has been cleared. Nothing is kept here any more.'
const LOST_STORE =
  'The browser has lost touch with this phone’s storage. Close Beatbook completely and open it again. What was saved is safe.'
const FULL =
  'This phone is full, so this was not saved. Send what is waiting or free some space, then try again. What was saved before is safe.'
