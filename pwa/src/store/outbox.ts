/** What the sender needs of the store: what waits, what the server answered about it, and the rule by which the phone lets go. */
import type { Alert, Card, Device, Form, MapOffer, Receipt, SettingRow, Task } from '../types.ts'
import { takeAdvice } from './advice.ts'
import {
  announce,
  meta,
  read,
  write,
  type ListRow,
  type PhotoBytesRow,
  type PhotoRow,
  type ReceiptRow,
  type RecordRow,
  type Review,
  type Write,
} from './database.ts'
import { takeDay } from './day.ts'
import { needsPin } from './lock.ts'
import { passDrafts } from './drafts.ts'
import { retireForm, takeForm } from './forms.ts'
import { isoTime } from './ids.ts'
import { takeNearby, type NearbyRow } from './nearby.ts'
import type { Numbers } from './numbers.ts'
import type { Seal } from './sealed.ts'
import type { GivenOrder } from './orders.ts'
import { countOnFrom, type Sequences } from './sequences.ts'
import { isDoneWith, mayForget, SUMMARY_DAYS, RECEIPT_DAYS, type ServerState } from './keeping.ts'
import { APP_VERSION } from './submission.ts'
import { isUnsent, needsAttention, receiptCode } from './view.ts'

export interface ItemProblem {
  type: string
  detail: string
  client: string
}

interface SubmissionResult {
  instanceId: string
  status: 'stored' | 'already' | 'held' | 'refused'
  receipt?: Receipt
  missing?: string[]
  problem?: ItemProblem
}

interface AttachmentResult {
  sha256: string
  status: 'stored' | 'already' | 'refused'
  problem?: ItemProblem
}

export interface SyncAnswer extends ServerState {
  results: (SubmissionResult | AttachmentResult)[]
}

export interface CheckAnswer {
  epoch: string
  safeSeq: number
  /** Ours says it each time, and a phone with nothing to send hears it nowhere else. */
  serverTime?: string
  submissions: { instanceId: string; status: 'same' | 'missing' | 'differs' | 'redacted'; missing?: string[] }[]
  attachments: { sha256: string; held: boolean }[]
  /** Of those that are the same, in the server's present history; older servers do not say it. */
  receipts?: Receipt[]
  numbers?: Numbers
  order?: GivenOrder
}

interface ReviewAnswer extends Review {
  instanceId: string
}

export interface DownAnswer {
  cursor: string
  serverTime: string
  device?: Pick<Device, 'deviceId' | 'name' | 'role' | 'code' | 'school' | 'confirmed' | 'holder'>
  forms?: Form[]
  lists?: ListRow[]
  reviews?: ReviewAnswer[]
  /** Every card, when one of them has changed; else none. */
  advice?: Card[]
  /** Those that changed; all there are when `fresh`. */
  tasks?: Task[]
  fresh?: boolean
  /** Every dated setting, when one of them has changed. */
  settings?: SettingRow[]
  /** Everything urgent, when anything of it has changed. */
  alerts?: Alert[]
  /** `records` were erased at the office, ours and those we were told of as nearby. */
  removed?: { forms?: string[]; lists?: string[]; tasks?: string[]; records?: string[] }
  numbers?: Numbers
  /** Of pupils' patrols: keys for a tablet; rules and news for an adult's phone. */
  patrolKeys?: unknown
  patrolRules?: unknown
  patrols?: unknown
  patrolSummaries?: unknown
  /** Records of other phones that a form of ours may be another of. */
  nearby?: NearbyRow[]
  /** The last number of each sequence that the server has of this phone, told when it asks for everything. */
  sequences?: Sequences
  map?: MapOffer | null
  /** What finished work is sealed to, and whether this phone locks itself. */
  seal?: Seal
  order?: GivenOrder
  /** Told only to a phone that has none. */
  orderKey?: string
}

export interface Counts {
  waiting: string[]
  attention: number
}

/** Records with something still to send to this server, in the order they were made. */
export async function unsent(serverId: string): Promise<RecordRow[]> {
  const rows = await read(['records'], (tx) => tx.objectStore('records').getAll())
  return rows.filter((row) => isUnsent(row) && isFor(row, serverId)).sort((a, b) => a.counter - b.counter)
}

export async function counts(): Promise<Counts> {
  const rows = await read(['records'], (tx) => tx.objectStore('records').getAll())
  return {
    waiting: rows.filter(isUnsent).map((row) => row.instanceId),
    attention: rows.filter(needsAttention).length,
  }
}

/** Marks records as leaving the phone, so that nobody pulls one back under way, and answers those still there to send. */
export async function offer(instanceIds: string[]): Promise<RecordRow[]> {
  return write(['records'], async (tx) => {
    const offered: RecordRow[] = []
    for (const id of instanceIds) {
      const row = await tx.objectStore('records').get(id)
      if (!row || !isUnsent(row) || row.receipt) continue
      const next = { ...row, offeredAt: row.offeredAt ?? isoTime(), tries: row.tries + 1 }
      await tx.objectStore('records').put(next)
      offered.push(next)
    }
    return offered
  })
}

/** The bytes of an attachment as they are sent, or null when this phone no longer has them. */
export async function attachmentBytes(instanceId: string, sha256: string): Promise<PhotoBytesRow | null> {
  return read(['photos', 'photoBytes'], async (tx) => {
    const photos = await tx.objectStore('photos').index('instanceId').getAll(instanceId)
    for (const photo of photos) {
      const row = photo.sha256 === sha256 ? await tx.objectStore('photoBytes').get(photo.id) : undefined
      if (row && !row.veiled) return row
    }
    return null
  })
}

/** The newest receipt of the server's present history: shown at every contact, so that a server that lost it notices. Where a history has
 * come back that knows a record under another receipt than ours, its own is shown: without it the next loss would go unnoticed. */
export async function lastReceipt(): Promise<Receipt | null> {
  const epoch = (await serverState())?.epoch
  const rows = await read(['receipts'], (tx) => tx.objectStore('receipts').getAll())
  const known = rows.flatMap((row) => [asReceipt(row), ...(row.present ? [row.present] : [])])
  return known.filter((receipt) => receipt.epoch === epoch).sort((a, b) => b.seq - a.seq)[0] ?? null
}

export function serverState(): Promise<ServerState | null> {
  return meta<ServerState>('server')
}

/** Remembers what the server says of itself. Another epoch than before leaves every receipt unconfirmed, so all are offered again: also
 * an epoch that was here before, for its history may have come back without what it had vouched for. */
export async function takeServerState(state: ServerState): Promise<void> {
  const known = await serverState()
  const serverTime = state.serverTime ?? known?.serverTime ?? null
  if (known?.epoch === state.epoch && known.safeSeq === state.safeSeq && known.serverTime === serverTime) return
  await write(['meta', 'receipts'], async (tx) => {
    await tx.objectStore('meta').put({ epoch: state.epoch, safeSeq: state.safeSeq, serverTime }, 'server')
    if (!known || known.epoch === state.epoch) return
    const receipts = tx.objectStore('receipts')
    for (const receipt of await receipts.getAll()) await receipts.put({ ...receipt, confirmedEpoch: null })
  })
}

/** Takes a delivery's answer item by item, and answers the first problem that asks for another try. */
export async function takeResults(answer: SyncAnswer): Promise<ItemProblem | null> {
  return write(['records', 'receipts'], async (tx) => {
    let later: ItemProblem | null = null
    for (const result of answer.results) {
      if (result.status === 'refused' && wantsRetry(result.problem)) later ??= result.problem ?? null
      else if ('instanceId' in result) await takeSubmissionResult(tx, result, answer.epoch)
      else await takeAttachmentResult(tx, result)
    }
    return later
  })
}

/** Sets one record aside with the reason; its bytes stay. */
export async function setAside(
  instanceId: string,
  problem: { type: string; detail: string },
  sha256?: string,
): Promise<void> {
  await write(['records'], (tx) => refuse(tx, instanceId, problem, sha256))
}

/** A person asks for another try of what was not accepted: the office may have mended the reason. */
export async function tryAgain(instanceId: string): Promise<void> {
  await write(['records'], async (tx) => {
    const row = await tx.objectStore('records').get(instanceId)
    if (row) await tx.objectStore('records').put({ ...row, refusal: null, setAside: [] })
  })
  announce('finished')
}

/** What was made for another server is not sent to this one, and says so; back at its own it goes. */
export async function setAsideForeign(tx: Write, serverId: string): Promise<void> {
  for (const row of await tx.objectStore('records').getAll()) {
    const foreign = !isFor(row, serverId)
    if (foreign && isUnsent(row)) await refuse(tx, row.instanceId, FOREIGN)
    else if (!foreign && row.refusal?.type === FOREIGN.type)
      await tx.objectStore('records').put({ ...row, refusal: null })
  }
}

/** Receipts the server has not yet vouched for in this epoch, with what is needed to ask. */
export async function unconfirmed(epoch: string, most: number): Promise<ReceiptRow[]> {
  const rows = await read(['receipts'], (tx) => tx.objectStore('receipts').getAll())
  return rows.filter((row) => row.confirmedEpoch !== epoch).slice(0, most)
}

/** Records of which something was refused because the office had no key for it. It opens that by itself once it has one, and tells only
 * whoever asks. */
export async function unopened(serverId: string, most: number): Promise<RecordRow[]> {
  const rows = await read(['records'], (tx) => tx.objectStore('records').getAll())
  return rows.filter((row) => row.refusal?.type === UNOPENED && row.bytes && isFor(row, serverId)).slice(0, most)
}

/** What is asked about a record: with our receipt, so that a server that lost it knows what to ask for. */
interface Offer {
  instanceId: string
  digest: string
  receipt?: Receipt
  formId?: string | undefined
  capturedAt?: string | undefined
  counter?: number | undefined
  /** Whether this phone still has the record itself. */
  kept?: boolean
}

export async function offers(items: { instanceId: string; digest: string }[]): Promise<Offer[]> {
  return read(['records', 'receipts'], async (tx) => {
    const found: Offer[] = []
    for (const { instanceId, digest } of items) {
      const row = await tx.objectStore('records').get(instanceId)
      const receipt = await tx.objectStore('receipts').get(instanceId)
      found.push({ instanceId, digest, ...(receipt ? shown(receipt, row) : {}) })
    }
    return found
  })
}

function shown(receipt: ReceiptRow, row: RecordRow | undefined): Partial<Offer> {
  const { formId, capturedAt, counter } = row ?? receipt
  return { receipt: asReceipt(receipt), formId, capturedAt, counter, kept: Boolean(row?.bytes) }
}

/** Takes the answer to "do you still have these?". What is missing is sent again while this phone has it. */
export async function takeCheck(answer: CheckAnswer): Promise<void> {
  await write(['records', 'photos', 'photoBytes', 'receipts'], async (tx) => {
    for (const item of answer.submissions) {
      const receipt = await tx.objectStore('receipts').get(item.instanceId)
      const known = answer.receipts?.find(({ instanceId }) => instanceId === item.instanceId)
      const present = known ? { present: known } : {}
      if (receipt) await tx.objectStore('receipts').put({ ...receipt, ...present, confirmedEpoch: answer.epoch })
      if (item.status === 'same' && known && !receipt) await takeOpened(tx, known, item.missing ?? [], answer.epoch)
      const row = await tx.objectStore('records').get(item.instanceId)
      if (row?.receipt) await takeConfirmation(tx, item.status === 'same' ? opened(row, item.missing ?? []) : row, item)
    }
    for (const item of answer.attachments) if (item.held) await photoArrived(tx, item.sha256)
  })
}

/** Records the delete rule would let go now; the caller asks the server once more before forget(). */
export async function forgettable(state: ServerState, crowded: boolean, most: number): Promise<RecordRow[]> {
  return read(['records', 'receipts'], async (tx) => {
    const found: RecordRow[] = []
    for (const row of await tx.objectStore('records').getAll()) {
      const receipt = await tx.objectStore('receipts').get(row.instanceId)
      const may = mayForget(row, receipt?.confirmedEpoch ?? null, state) && isDoneWith(row, state, crowded)
      if (may && found.length < most) found.push(row)
    }
    return found
  })
}

/** Lets go of payloads, keeping receipt, thumbnails and summary. The rule is asked again inside the transaction. */
export async function forget(instanceIds: string[], state: ServerState): Promise<void> {
  await write(['records', 'photos', 'photoBytes', 'receipts'], async (tx) => {
    for (const id of instanceIds) {
      const row = await tx.objectStore('records').get(id)
      const receipt = await tx.objectStore('receipts').get(id)
      if (row && mayForget(row, receipt?.confirmedEpoch ?? null, state)) await dropPayload(tx, row)
    }
  })
}

/** Old summaries and receipts go, by the server's clock: the phone's own may be wrong by years. */
export async function tidy(serverTime: string): Promise<void> {
  const age = (receipt: Receipt) => (Date.parse(serverTime) - Date.parse(receipt.receivedAt)) / 86_400_000
  await write(['records', 'photos', 'receipts'], async (tx) => {
    for (const row of await tx.objectStore('records').getAll()) {
      if (row.bytes || !row.receipt || needsAttention(row) || age(row.receipt) < SUMMARY_DAYS) continue
      await tx.objectStore('records').delete(row.instanceId)
      for (const photo of await photosOf(tx, row.instanceId)) await tx.objectStore('photos').delete(photo.id)
    }
    for (const row of await tx.objectStore('receipts').getAll()) {
      const record = await tx.objectStore('records').getKey(row.instanceId)
      if (!record && age(row) > RECEIPT_DAYS) await tx.objectStore('receipts').delete(row.instanceId)
    }
  })
}

/** The cursor to fetch from; none after an update, because a newer app may read what an older one skipped. */
export async function cursor(): Promise<string | null> {
  const down = await meta<{ cursor: string; app: string }>('down')
  return down?.app === APP_VERSION ? down.cursor : null
}

/** Takes forms, lists, settings, advice, tasks and review outcomes, and the cursor with them: all or nothing. */
export async function takeDown(answer: DownAnswer): Promise<void> {
  if (answer.seal?.appLock && (await needsPin(answer.seal))) return // what is personal comes when there is a lock
  if (answer.sequences) await countOnFrom(answer.sequences)
  const stores = ['drafts', 'records', 'photos', 'photoBytes', 'forms', 'lists', 'meta'] as const
  await write([...stores], async (tx) => {
    for (const form of answer.forms ?? []) await takeForm(tx, form)
    for (const formId of await gone(tx, answer)) await retireForm(tx, formId)
    for (const { name, rows, places } of answer.lists ?? [])
      await tx.objectStore('lists').put({ name, rows, ...(places && { places }) })
    for (const name of answer.removed?.lists ?? []) await tx.objectStore('lists').delete(name)
    if (answer.settings) await tx.objectStore('meta').put(answer.settings, 'settings')
    if (answer.alerts) await tx.objectStore('meta').put(answer.alerts, 'alerts')
    for (const review of answer.reviews ?? []) await takeReview(tx, review)
    await takeAdvice(tx, answer)
    await takeDay(tx, answer)
    const erased = answer.removed?.records ?? []
    for (const instanceId of erased) await eraseCopy(tx, instanceId)
    if (answer.nearby?.length || erased.length) await takeNearby(tx, answer.nearby ?? [], erased)
    const device = (await tx.objectStore('meta').get('device')) as Device | undefined
    if (device?.holder && answer.device?.holder && device.holder !== answer.device.holder)
      await passDrafts(tx, device.holder, answer.device.holder)
    if (device && answer.device) await tx.objectStore('meta').put({ ...device, ...answer.device }, 'device')
    for (const [key, value] of [
      ['patrolKeys', answer.patrolKeys],
      ['patrolRules', answer.patrolRules],
      ['patrolNews', answer.patrols],
      ['patrolSummaries', answer.patrolSummaries],
    ] as const)
      if (value !== undefined) await tx.objectStore('meta').put(value, key)
    if (answer.orderKey && !(await tx.objectStore('meta').get('orderKey')))
      await tx.objectStore('meta').put(answer.orderKey, 'orderKey')
    await tx.objectStore('meta').put(answer.map ?? null, 'map')
    if (answer.seal) await tx.objectStore('meta').put(answer.seal, 'seal')
    await tx.objectStore('meta').put({ cursor: answer.cursor, app: APP_VERSION }, 'down')
  })
}

/** Forms that start nothing new from now on: withdrawn, or not among all those that this device may use. */
async function gone(tx: Write, { forms = [], removed }: DownAnswer): Promise<string[]> {
  const offered = new Set(forms.map((form) => form.formId))
  const held = offered.size ? await tx.objectStore('forms').index('formId').getAll() : []
  return [...(removed?.forms ?? []), ...new Set(held.map((row) => row.formId).filter((formId) => !offered.has(formId)))]
}

function isFor(row: RecordRow, serverId: string): boolean {
  return row.serverId === null || row.serverId === serverId
}

function wantsRetry(problem: ItemProblem | undefined): boolean {
  return problem !== undefined && problem.client !== 'attention'
}

async function takeSubmissionResult(tx: Write, result: SubmissionResult, epoch: string): Promise<void> {
  const row = await tx.objectStore('records').get(result.instanceId)
  if (!row) return
  if (result.status === 'refused') {
    await refuse(tx, row.instanceId, result.problem ?? UNEXPLAINED)
    return
  }
  const receipt = result.receipt
  if (!receipt || receipt.instanceId !== row.instanceId || receipt.digest !== row.digest) return // not a receipt for this
  const first = row.receipt?.chain !== receipt.chain
  const { formId, capturedAt, counter } = row
  const confirmedEpoch = receipt.epoch === epoch ? epoch : null
  await tx.objectStore('receipts').put({ ...receipt, formId, capturedAt, counter, confirmedEpoch })
  await tx.objectStore('records').put({
    ...row,
    receipt,
    state: result.status === 'held' ? 'held' : 'stored',
    missing: result.missing ?? [],
    refusal: row.setAside.length ? row.refusal : null,
    changedAt: isoTime(),
    history: first ? [...row.history, { at: isoTime(), words: sentWords(row, receipt) }] : row.history,
  })
}

function sentWords(row: RecordRow, receipt: Receipt): string {
  return `Sent, receipt ${receiptCode(receipt.chain)}${row.tries > 1 ? ` (try ${row.tries})` : ''}`
}

async function takeAttachmentResult(tx: Write, result: AttachmentResult): Promise<void> {
  if (result.status !== 'refused') {
    await photoArrived(tx, result.sha256)
    return
  }
  for (const row of await tx.objectStore('records').getAll()) {
    if (row.missing.includes(result.sha256))
      await refuse(tx, row.instanceId, result.problem ?? UNEXPLAINED, result.sha256)
  }
}

async function photoArrived(tx: Write, sha256: string): Promise<void> {
  for (const row of await tx.objectStore('records').getAll()) {
    if (!row.receipt || !row.missing.includes(sha256)) continue
    const missing = row.missing.filter((other) => other !== sha256)
    const words = row.attachments.length === 1 ? 'Photo sent' : `All ${row.attachments.length} photos sent`
    const history = missing.length ? row.history : [...row.history, { at: isoTime(), words }]
    await tx.objectStore('records').put({ ...row, missing, history, changedAt: isoTime() })
  }
}

async function refuse(
  tx: Write,
  instanceId: string,
  problem: { type: string; detail: string },
  sha256?: string,
): Promise<void> {
  const row = await tx.objectStore('records').get(instanceId)
  if (!row) return
  const at = isoTime()
  await tx.objectStore('records').put({
    ...row,
    refusal: { type: problem.type, detail: problem.detail, at },
    setAside: sha256 ? [...new Set([...row.setAside, sha256])] : row.setAside,
    changedAt: at,
    history: [...row.history, { at, words: `Not accepted: ${problem.detail}` }],
  })
}

/** A record that was refused was opened since: its receipt counts as in a delivery's answer. */
async function takeOpened(tx: Write, receipt: Receipt, missing: string[], epoch: string): Promise<void> {
  await takeSubmissionResult(tx, { instanceId: receipt.instanceId, status: 'stored', receipt, missing }, epoch)
}

async function takeConfirmation(tx: Write, row: RecordRow, item: CheckAnswer['submissions'][number]): Promise<void> {
  const at = isoTime()
  const store = tx.objectStore('records')
  if (item.status === 'same') {
    await store.put(confirmed(row, item.missing ?? [], at))
  } else if (item.status === 'differs') {
    await refuse(tx, row.instanceId, DIFFERS)
  } else if (item.status === 'redacted') {
    await dropPayload(tx, {
      ...row,
      state: 'redacted',
      history: [...row.history, { at, words: 'Removed at the office' }],
    })
  } else if (row.bytes) {
    const missing = [...new Set(row.attachments.map((attachment) => attachment.sha256))]
    const history = [...row.history, { at, words: 'The server had lost it: waiting to be sent again' }]
    await store.put({ ...row, receipt: null, state: 'ready', missing, changedAt: at, history })
    await tx.objectStore('receipts').delete(row.instanceId)
  } else {
    await store.put({
      ...row,
      state: 'lost',
      changedAt: at,
      history: [...row.history, { at, words: 'The server has lost it' }],
    })
  }
}

/** Photos that were refused for lack of a key, and are not missing any more, have been opened. */
function opened(row: RecordRow, missing: string[]): RecordRow {
  if (row.refusal?.type !== UNOPENED) return row
  const setAside = row.setAside.filter((sha256) => missing.includes(sha256))
  if (setAside.length) return { ...row, setAside }
  const at = isoTime()
  const history = [...row.history, { at, words: 'Opened at the office' }]
  return { ...row, setAside, refusal: null, changedAt: at, history }
}

/** A record that was lost comes back with a newer copy of the server; one whose photos are gone everywhere is lost. */
function confirmed(row: RecordRow, missing: string[], at: string): RecordRow {
  const lost = row.bytes === null && missing.length > 0 && row.state !== 'redacted'
  if (lost === (row.state === 'lost')) return { ...row, missing }
  const words = lost ? 'The server has lost its photos' : 'The server has it again'
  return { ...row, missing, state: lost ? 'lost' : 'stored', changedAt: at, history: [...row.history, { at, words }] }
}

async function dropPayload(tx: Write, row: RecordRow): Promise<void> {
  await tx.objectStore('records').put({ ...row, bytes: null })
  for (const photo of await photosOf(tx, row.instanceId)) await tx.objectStore('photoBytes').delete(photo.id)
}

/** The office erased a record: of our copy only its form, number, times and receipt stay. What is not sent is ours. */
async function eraseCopy(tx: Write, instanceId: string): Promise<void> {
  const row = await tx.objectStore('records').get(instanceId)
  if (!row?.receipt || (row.state === 'redacted' && row.title === row.formTitle)) return
  const history = [...row.history, { at: isoTime(), words: 'Removed at the office' }]
  const { answers: _, ...outcome } = row.review ?? {}
  const review = row.review && { ...(outcome as Review), note: null }
  const stub: RecordRow = { ...row, state: 'redacted', title: row.formTitle, place: null, location: null, review, history }
  await dropPayload(tx, stub)
  for (const photo of await photosOf(tx, instanceId)) await tx.objectStore('photos').delete(photo.id)
}

async function takeReview(tx: Write, { instanceId, ...review }: ReviewAnswer): Promise<void> {
  const row = await tx.objectStore('records').get(instanceId)
  if (!row || row.review?.reviewedAt === review.reviewedAt) return
  const history = [...row.history, { at: review.reviewedAt, words: REVIEW_WORDS[review.reviewState] ?? 'Looked at' }]
  await tx.objectStore('records').put({ ...row, review, history, changedAt: isoTime() })
}

function photosOf(tx: Write, instanceId: string): Promise<PhotoRow[]> {
  return tx.objectStore('photos').index('instanceId').getAll(instanceId)
}

function asReceipt({ instanceId, digest, epoch, seq, chain, receivedAt }: ReceiptRow): Receipt {
  return { instanceId, digest, epoch, seq, chain, receivedAt }
}

const UNOPENED = '/problems/parcel-unopened'
const UNEXPLAINED = { type: 'about:blank', detail: 'The server did not accept this and gave no reason.' }
const FOREIGN = {
  type: '/problems/other-server',
  detail: 'This was made for another Beatbook. It is kept here until this phone is set up with that one again.',
}
const DIFFERS = {
  type: '/problems/id-reused',
  detail: 'The office has another record under this number. This one is kept here.',
}
const REVIEW_WORDS: Record<string, string> = {
  approved: 'Approved',
  hasIssues: 'Sent back',
  rejected: 'Not accepted by the reviewer',
  edited: 'Corrected at the office',
  received: 'The decision was taken back',
}
