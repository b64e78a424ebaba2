/** One round with the server: ask what it still has, send records, then photos, fetch what changed, let go of what is safe. */
import type { Device } from '../types.ts'
import {
  attachmentBytes,
  cursor,
  forget,
  forgettable,
  lastReceipt,
  offer,
  offers,
  serverState,
  setAside,
  takeCheck,
  takeDown,
  takeResults,
  takeServerState,
  tidy,
  unconfirmed,
  unopened,
  unsent,
  type CheckAnswer,
  type DownAnswer,
  type ItemProblem,
  type SyncAnswer,
} from '../store/outbox.ts'
import { handInShown } from '../store/advice.ts'
import { meta, wasFull, type RecordRow } from '../store/database.ts'
import { storageReport, wipeToReport } from '../store/device.ts'
import { isoTime, sha256 } from '../store/ids.ts'
import { lockNow } from '../store/lock.ts'
import { account, takeNumbers } from '../store/numbers.ts'
import { PARCEL } from '../store/sealed.ts'
import { lacksKey, standingOrder, takeOrder, type GivenOrder, type Order } from '../store/orders.ts'
import { APP_VERSION } from '../store/submission.ts'
import { isLocked } from '../store/veil.ts'
import { batch, type Pace } from './pace.ts'
import { ask, NotOurs, ServerProblem } from './server.ts'

/** What the round tells the one who watches it. */
export interface Watcher {
  /** Whether forms, lists and outcomes are to be fetched, or were a moment ago. */
  news: boolean
  /** Whether the person hands in this phone, as the office has asked. */
  handingIn?: boolean
  contact(serverTime: string | null): void
  sending(instanceIds: string[]): Promise<void>
}

/** The server did not take something yet and asked for another try. */
export class TryAgain extends Error {
  override name = 'TryAgain'
}

interface Link {
  device: Device
  pace: Pace
  watcher: Watcher
  troubles: Troubles
  /** Whether this round has delivered anything. */
  sent: boolean
}

interface Item {
  key: string
  instanceId: string
  name: 'submission' | 'attachment'
  bytes: ArrayBuffer
  type: string
  filename: string
}

interface MissingPhoto {
  key: string
  instanceId: string
  size: number
  mediaType: string
}

const ASK_AT_MOST = 500 // the contract's limit for one check
const RECORDS_AT_ONCE = 50
const PHOTOS_AT_ONCE = 20
const OVERHEAD = 300 // bytes of multipart around each part

/** Returns when everything that can go has gone; throws what stopped it. */
export async function round(device: Device, pace: Pace, watcher: Watcher): Promise<void> {
  const link: Link = { device, pace, watcher, troubles: new Troubles(), sent: false }
  if (!isLocked()) await handInShown(new Date())
  await meet(link)
  const order = await standingOrder()
  if (order?.do === 'clear' || (order?.do === 'leave' && watcher.handingIn)) return leaveOrLock(link, order)
  await askUnopened(device)
  for (const _ of ['what waits', 'what the server turns out to have lost']) {
    await confirmAll(device)
    await sendRecords(link)
    await sendPhotos(link)
  }
  if (watcher.news && !isLocked()) await fetchChanges(device) // a locked phone has nowhere to put what is personal
  else if (link.sent) await check(device, []) // or the office would go on believing that it waits
  await letGo(device)
  link.troubles.raise()
}

/** What this round has put off. Items put off do not hold up the others. */
class Troubles {
  readonly later = new Set<string>()
  private problem: ItemProblem | null = null
  private faults = 0

  add(key: string, problem: ItemProblem | null): void {
    this.later.add(key)
    this.note(problem)
  }

  note(problem: ItemProblem | null): void {
    this.problem ??= problem
  }

  /** The server stumbled over one item. Twice in a row means that the item is not to blame. */
  fault(problem: ServerProblem): void {
    this.faults += 1
    if (this.faults > 1) throw problem
  }

  noFault(): void {
    this.faults = 0
  }

  raise(): void {
    if (this.problem?.client === 'sign-in') throw new ServerProblem(401, this.problem, null)
    if (this.problem?.client === 'stop') throw new ServerProblem(403, this.problem, null)
    if (this.later.size) throw new TryAgain(this.problem?.detail ?? 'Not everything was taken.')
  }
}

/** First contact: nothing personal leaves before our own server has answered, and it sees how far it had come with us. */
async function meet({ device, watcher }: Link): Promise<void> {
  try {
    await check(device, [])
  } catch (error) {
    if (!(error instanceof ServerProblem && error.order)) throw error
    await obey(device, error.order) // a stolen phone hears nothing else
  }
  watcher.contact((await serverState())?.serverTime ?? null)
}

/** What the office wants of this phone, which it says at each contact. Whoever cannot prove it is not our office. */
async function obey(device: Device, order: GivenOrder | undefined): Promise<void> {
  if ((await takeOrder(device, order)) === 'forged') throw new NotOurs('an order that is not from our office')
}

/** What an unlocked phone has begun can still be handed over; only if that does not work at once it is locked. */
async function leaveOrLock(link: Link, order: Order): Promise<void> {
  try {
    await leaveFor(link, order)
  } catch (error) {
    if (order.do === 'clear') await lockNow()
    throw error
  }
}

/** The phone was told to clear itself, or its person hands it in: first everything goes that can go, in the usual way. */
async function leaveFor(link: Link, order: Order): Promise<void> {
  if (order.why !== 'stolen') {
    await confirmAll(link.device)
    await sendRecords(link)
    await sendPhotos(link)
    link.troubles.raise()
  }
  const { leave } = await import('./leaving.ts')
  if ((await leave(link.device, order)) === 'kept' && order.do === 'clear') await lockNow()
}

/** Every receipt the server has not vouched for in its present epoch is shown to it, whether the payload is still here or not. */
async function confirmAll(device: Device): Promise<void> {
  for (;;) {
    const epoch = (await serverState())?.epoch
    const receipts = epoch === undefined ? [] : await unconfirmed(epoch, ASK_AT_MOST)
    if (receipts.length === 0) return
    const answer = await check(device, receipts)
    const answered = new Set(answer.submissions.map((item) => item.instanceId))
    if (!receipts.some((receipt) => answered.has(receipt.instanceId))) return // asking again would go on for ever
  }
}

/** What was refused for lack of a key may have been opened since. */
async function askUnopened(device: Device): Promise<void> {
  const rows = await unopened(device.serverId, ASK_AT_MOST)
  if (rows.length) await check(device, rows)
}

async function sendRecords(link: Link): Promise<void> {
  const { device, pace, watcher, troubles } = link
  const waiting = async () =>
    (await unsent(device.serverId)).filter((row) => !row.receipt && !troubles.later.has(row.instanceId))
  for (;;) {
    const next = batch(await waiting(), (row) => (row.bytes?.byteLength ?? 0) + OVERHEAD, pace.size, RECORDS_AT_ONCE)
    const rows = await offer(next.map((row) => row.instanceId))
    if (next.length === 0) return
    await watcher.sending(rows.map((row) => row.instanceId))
    if (rows.length) await deliver(link, rows.map(recordItem))
    const offered = new Set(rows.map((row) => row.instanceId))
    for (const row of await waiting()) if (offered.has(row.instanceId)) troubles.add(row.instanceId, null)
  }
}

async function sendPhotos(link: Link): Promise<void> {
  const { device, pace, watcher, troubles } = link
  const waiting = async () =>
    missingPhotos(await unsent(device.serverId)).filter((photo) => !troubles.later.has(photo.key))
  for (;;) {
    const next = batch(await waiting(), (photo) => photo.size + OVERHEAD, pace.size, PHOTOS_AT_ONCE)
    if (next.length === 0) return
    await watcher.sending([...new Set(next.map((photo) => photo.instanceId))])
    const items = await photoItems(next)
    if (items.length) await deliver(link, items)
    const offered = new Set(next.map((photo) => photo.key))
    for (const photo of await waiting()) if (offered.has(photo.key)) troubles.add(photo.key, null)
  }
}

/** Sends items together; where the server objects to the whole, halves them until the one at fault stands alone. */
async function deliver(link: Link, items: Item[]): Promise<void> {
  const { pace, troubles } = link
  try {
    await post(link, items)
    troubles.noFault()
  } catch (error) {
    pace.failed()
    if (!(error instanceof ServerProblem) || !ABOUT_CONTENT.includes(error.status)) throw error
    if (items.length === 1) return blame(link, items[0]!, error)
    const half = Math.ceil(items.length / 2)
    await deliver(link, items.slice(0, half))
    await deliver(link, items.slice(half))
  }
}

async function post(link: Link, items: Item[]): Promise<void> {
  const { device, pace, troubles } = link
  const body = new FormData()
  for (const item of items) body.append(item.name, new Blob([item.bytes], { type: item.type }), item.filename)
  const size = items.reduce((total, item) => total + item.bytes.byteLength + OVERHEAD, 0)
  const begun = performance.now()
  const answer = await ask<SyncAnswer>('/api/sync', {
    method: 'POST',
    body,
    size,
    serverId: device.serverId,
    report: await report(),
  })
  pace.succeeded(performance.now() - begun)
  await takeServerState(answer.body)
  link.sent = true
  const problem = await takeResults(answer.body)
  if (problem) troubles.note(problem)
  await setDamagedAside(items, answer.body)
}

/** What the office calls damaged on the way was damaged here, if the bytes are no longer those of their name: then sending them again
 * would go on for ever. The office has opened what was sealed, so that came as it left. */
async function setDamagedAside(items: Item[], { results }: SyncAnswer): Promise<void> {
  for (const result of results) {
    if (!('sha256' in result) || result.problem?.type !== DIGEST_MISMATCH) continue
    const item = items.find(({ key }) => key === result.sha256)
    if (item && (item.type === PARCEL || (await sha256(item.bytes)) !== item.key))
      await setAside(item.instanceId, DAMAGED, item.key)
  }
}

async function blame({ troubles }: Link, item: Item, problem: ServerProblem): Promise<void> {
  if (problem.status === 500) troubles.fault(problem)
  if (problem.client === 'attention')
    await setAside(item.instanceId, problem, item.name === 'attachment' ? item.key : undefined)
  else troubles.add(item.key, problem)
}

/** Forms, lists and what became of the records. */
async function fetchChanges(device: Device): Promise<void> {
  const since = await cursor()
  const pad = (await meta<Device>('device'))?.code ?? '' // the code of our notices; without one the office gives a new one
  const asked = new URLSearchParams({ pad, ...(since === null ? {} : { since }) })
  if (await lacksKey()) asked.set('orderKey', '')
  const { body } = await ask<DownAnswer>(`/api/sync/down?${asked}`, { serverId: device.serverId, report: await report() })
  await takeDown(body)
}

/** Asks once more, in one breath with letting go, whether the server really has it all. */
async function letGo(device: Device): Promise<void> {
  const state = await serverState()
  if (!state) return
  const rows = await forgettable(state, wasFull(), ASK_AT_MOST)
  if (rows.length) {
    const answer = await check(device, rows)
    const same = answer.submissions.filter((item) => item.status === 'same' && !item.missing?.length)
    await forget(
      same.map((item) => item.instanceId),
      (await serverState()) ?? state,
    )
  }
  if (state.serverTime) await tidy(state.serverTime)
}

async function check(device: Device, items: { instanceId: string; digest: string }[]): Promise<CheckAnswer> {
  const { body } = await ask<CheckAnswer>('/api/sync/check', {
    method: 'POST',
    body: JSON.stringify({
      submissions: await offers(items),
      attachments: [],
      lastReceipt: await lastReceipt(),
      ...(items.length ? {} : { numbers: await account() }),
    }),
    serverId: device.serverId,
    report: await report(),
  })
  await takeServerState({ epoch: body.epoch, safeSeq: body.safeSeq, serverTime: body.serverTime ?? null })
  await takeCheck(body)
  await obey(device, body.order)
  if (body.numbers && !items.length) await takeNumbers(body.numbers)
  return body
}

/** What the office may know of this phone: how much it owes and how well it keeps it. Nothing of any record. */
async function report(): Promise<string> {
  const { unsent, oldestUnsentAt, usage, quota, persisted } = await storageReport()
  return JSON.stringify({
    unsent,
    oldestUnsentAt,
    storageUsed: usage,
    storageQuota: quota,
    persisted,
    app: APP_VERSION,
    clock: isoTime(),
    ...((await wipeToReport()) ? { wiped: true } : {}),
    ...((await standingOrder()) ? { left: (await meta<number>('orderLeft')) ?? 0 } : {}),
  })
}

function recordItem(row: RecordRow): Item {
  return {
    key: row.instanceId,
    instanceId: row.instanceId,
    name: 'submission',
    bytes: row.bytes!,
    type: row.sealed ? PARCEL : 'application/json',
    filename: 'submission.json',
  }
}

function missingPhotos(rows: RecordRow[]): MissingPhoto[] {
  const found = new Map<string, MissingPhoto>()
  for (const row of rows) {
    if (!row.receipt) continue
    for (const { sha256, size, mediaType } of row.attachments) {
      if (!row.missing.includes(sha256) || row.setAside.includes(sha256) || found.has(sha256)) continue
      found.set(sha256, { key: sha256, instanceId: row.instanceId, size, mediaType })
    }
  }
  return [...found.values()]
}

async function photoItems(photos: MissingPhoto[]): Promise<Item[]> {
  const items: Item[] = []
  for (const { key, instanceId, mediaType } of photos) {
    const row = await attachmentBytes(instanceId, key)
    const type = row?.sealed ? PARCEL : mediaType
    if (row) items.push({ key, instanceId, name: 'attachment', bytes: row.attachment, type, filename: key })
    else await setAside(instanceId, GONE, key)
  }
  return items
}

const DIGEST_MISMATCH = '/problems/digest-mismatch'
const DAMAGED = {
  type: '/problems/photo-damaged',
  detail: 'A photo of this record was damaged on this phone. The rest has been sent.',
}
const GONE = {
  type: '/problems/photo-gone',
  detail: 'A photo of this record is no longer on this phone. The rest has been sent.',
}
const ABOUT_CONTENT = [400, 409, 410, 413, 415, 422, 500]
