/** Finished records: frozen once, then only watched on their way. */
import type { Answers, Draft, Form, Location, RecordDetail, RecordView } from '../types.ts'
import { toGridRef } from '../gridref.ts'
import { announce, meta, read, write, type PhotoBytesRow, type PhotoRow, type RecordRow, type Write } from './database.ts'
import { handDown } from './drafts.ts'
import { form, lastKey } from './forms.ts'
import { isoTime, sha256 } from './ids.ts'
import { forgetUncovered } from './photos.ts'
import { PhotoGone } from './problems.ts'
import { plainPhotos, plainRecord, remember, sealRecord, withThumbnail, type SealedRecord } from './sealed.ts'
import { noteNumbers, withNumbers } from './sequences.ts'
import { answersOf, attached, digestsIn, frozen } from './submission.ts'
import { historyOf, isUnsent, viewOf, type Activity } from './view.ts'

const activity: Activity = { sending: new Set(), holdUp: null }

interface Frozen {
  draft: Draft
  counter: number
  photos: PhotoRow[]
  bytes: ArrayBuffer
  digest: string
  sealed: SealedRecord | null
}

/**
 * Freezes the draft as it stands, gives it its numbers, and resolves when record, photo list and photo bytes are on the disk.
 * A title may name a number that is only given now; `last` is what the next record of this form may begin with; what `also`
 * writes stands or falls with the record.
 */
export async function finish(
  begun: Draft,
  form: Form,
  title: string | ((answers: Answers) => string),
  last: Answers = {},
  also: (tx: Write) => Promise<void> = async () => undefined,
): Promise<void> {
  const capturedAt = isoTime()
  const serverId = (await meta<{ serverId: string }>('device'))?.serverId ?? null
  let frozenWith: Frozen | null = null
  // The digest covers the numbers, and hashing would end the transaction that allots them:
  // so freeze first, and again if another tab was quicker.
  while (!(frozenWith && (await keep(frozenWith)))) frozenWith = await freeze(begun, form, capturedAt)
  if (frozenWith.sealed) remember(begun.instanceId, frozenWith.sealed)
  handDown(begun.instanceId)
  announce('finished')

  async function keep(made: Frozen): Promise<boolean> {
    const { draft } = made
    return write(['drafts', 'records', 'photos', 'photoBytes', 'meta'], async (tx) => {
      if (draft !== begun && !sameAnswers(draft, await withNumbers(tx, form, begun.answers))) return false
      if (!draft.counter && made.counter !== (await nextCounter(tx))) return false
      if (!(await samePhotos(tx, draft, made.photos))) return false
      const row = newRow(form, typeof title === 'string' ? title : title(draft.answers), capturedAt, serverId, made)
      await tx.objectStore('records').add(row)
      await tx.objectStore('drafts').delete(draft.instanceId)
      if (!draft.counter) await tx.objectStore('meta').put(made.counter, 'counter')
      await noteNumbers(tx, form, draft.answers)
      await keepLast(tx, form.formId, last)
      await dropOthers(tx, draft.instanceId, made.photos)
      await forgetUncovered(tx, made.photos)
      if (made.sealed) await putSealed(tx, made.photos, made.sealed)
      await linkReplaced(tx, draft)
      await also(tx)
      return true
    })
  }
}

/** Newest first. */
export async function records(): Promise<RecordView[]> {
  const rows = await read(['records'], (tx) => tx.objectStore('records').getAll())
  return rows.sort(newestFirst).map((row) => viewOf(row, activity))
}

export async function record(instanceId: string): Promise<RecordDetail | null> {
  const row = await read(['records'], (tx) => tx.objectStore('records').get(instanceId))
  if (!row) return null
  const bytes = await plainRecord(row)
  return {
    ...viewOf(row, activity),
    location: row.location,
    answers: bytes ? answersOf(bytes) : (row.review?.answers ?? {}),
    form: await form(row.formId, row.formVersion),
    links: row.links ?? {},
    isSealed: row.bytes !== null && bytes === null,
    history: historyOf(row),
  }
}

/** Where the records on this phone were, each place once, newest first. */
export async function placesUsed(): Promise<{ title: string; location: Location }[]> {
  const rows = await read(['records'], (tx) => tx.objectStore('records').getAll())
  const used = new Map<string, Location>()
  for (const { place, location } of rows.sort(newestFirst)) {
    if (place && location && !used.has(place)) used.set(place, location)
  }
  return [...used].map(([title, location]) => ({ title, location }))
}

/** A waiting record becomes a draft again; null once its bytes may have left the phone, for then the server may have them. */
export async function pullBack(instanceId: string): Promise<Draft | null> {
  const kept = await read(['records'], (tx) => tx.objectStore('records').get(instanceId))
  const [bytes, plain] = await Promise.all([kept ? plainRecord(kept) : null, plainPhotos(instanceId)])
  return write(['drafts', 'records', 'photos', 'photoBytes'], async (tx) => {
    const row = await tx.objectStore('records').get(instanceId)
    if (!row || row.offeredAt || row.receipt || !row.bytes || !bytes) return null
    const draft = thawed(row, bytes)
    await tx.objectStore('records').delete(instanceId)
    await tx.objectStore('drafts').put({ ...draft, discardedAt: null })
    if (row.sealed) await putPlain(tx, instanceId, plain)
    return draft
  })
}

/** What this phone answered in earlier records of a form, newest first; those it has let go of are at the office. */
export async function ownRows(formId: string): Promise<Record<string, string>[]> {
  const rows = await read(['records'], (tx) => tx.objectStore('records').getAll())
  const own = rows.filter((row) => row.formId === formId && row.bytes && !row.replacedBy).sort(newestFirst)
  const readable = (await Promise.all(own.map(plainRecord))).filter((bytes) => bytes !== null)
  return readable.map((bytes) =>
    Object.fromEntries(Object.entries(answersOf(bytes)).map(([name, answer]) => [name, String(answer)])),
  )
}

/** What this phone still owes, and since when. */
export async function unsentReport(): Promise<{ unsent: number; oldestUnsentAt: string | null }> {
  const rows = await read(['records'], (tx) => tx.objectStore('records').getAll())
  const unsent = rows
    .filter((row) => isUnsent(row) || (row.refusal !== null && !row.replacedBy))
    .map((row) => row.capturedAt)
  unsent.sort((a, b) => Date.parse(a) - Date.parse(b))
  return { unsent: unsent.length, oldestUnsentAt: unsent[0] ?? null }
}

/** The sender says what it is doing, so that rows can show it. */
export function setActivity(sending: Iterable<string>, holdUp: string | null): void {
  activity.sending = new Set(sending)
  activity.holdUp = holdUp
}

async function freeze(begun: Draft, form: Form, capturedAt: string): Promise<Frozen> {
  const [photos, counter, answers, first] = await read(['photos', 'meta', 'records'], async (tx) => [
    attached(await tx.objectStore('photos').index('instanceId').getAll(begun.instanceId), begun.answers),
    begun.counter || (await nextCounter(tx)),
    await withNumbers(tx, form, begun.answers),
    begun.replaces ? await tx.objectStore('records').get(begun.replaces) : undefined,
  ])
  const draft = answers === begun.answers ? begun : { ...begun, answers }
  const kept = new Set(photos.map((photo) => photo.sha256))
  if (digestsIn(draft.answers).some((digest) => !kept.has(digest))) throw new PhotoGone(GONE)
  // Where another phone's record has the number of ours, "replaces" would put that one in the place of ours.
  const bytes = frozen(first?.refusal?.type === ID_REUSED ? { ...draft, replaces: null } : draft, counter, capturedAt, photos)
  const digest = await sha256(bytes)
  return { draft, counter, photos, bytes, digest, sealed: await sealRecord(draft.instanceId, bytes, digest, photos) }
}

function sameAnswers({ answers }: Draft, others: Answers): boolean {
  return Object.keys(others).every((name) => answers[name] === others[name])
}

async function nextCounter(tx: { objectStore(name: 'meta'): { get(key: string): Promise<unknown> } }): Promise<number> {
  return (((await tx.objectStore('meta').get('counter')) as number | undefined) ?? 0) + 1
}

/** Whether the photos, bytes and all, are still those that were frozen. */
async function samePhotos(tx: Write, draft: Draft, photos: PhotoRow[]): Promise<boolean> {
  const now = attached(await tx.objectStore('photos').index('instanceId').getAll(draft.instanceId), draft.answers)
  for (const photo of photos) {
    if (!(await tx.objectStore('photoBytes').getKey(photo.id))) throw new PhotoGone(GONE)
  }
  const asFrozen = (rows: PhotoRow[]) => rows.map(({ id, sha256 }) => `${id} ${sha256}`).join()
  return asFrozen(now) === asFrozen(photos)
}

function newRow(
  form: Form,
  title: string,
  capturedAt: string,
  serverId: string | null,
  made: Frozen,
): RecordRow {
  const { draft } = made
  const attachments = made.photos.map(({ field, sha256, size, mediaType }) => ({ field, sha256, size, mediaType }))
  return {
    instanceId: draft.instanceId,
    formId: draft.formId,
    formVersion: draft.formVersion,
    formTitle: form.title,
    title,
    place: placeOf(draft),
    startedAt: draft.startedAt,
    capturedAt,
    changedAt: capturedAt,
    counter: made.counter,
    location: draft.location,
    replaces: draft.replaces,
    patrolId: draft.patrolId,
    links: draft.links,
    serverId,
    bytes: made.sealed?.submission.bytes ?? made.bytes,
    ...(made.sealed && { sealed: true }),
    digest: made.digest,
    attachments,
    state: 'ready',
    offeredAt: null,
    tries: 0,
    receipt: null,
    missing: [...new Set(attachments.map((attachment) => attachment.sha256))],
    refusal: null,
    setAside: [],
    review: null,
    replacedBy: null,
    history: [
      { at: draft.startedAt, words: 'Begun' },
      { at: capturedAt, words: 'Finished, saved on this phone' },
    ],
  }
}

function placeOf(draft: Draft): string | null {
  const named = draft.answers['place_text'] ?? draft.answers['place']
  if (typeof named === 'string' && named) return named
  return draft.location && toGridRef(draft.location.latitude, draft.location.longitude)
}

async function keepLast(tx: Write, formId: string, last: Answers): Promise<void> {
  const store = tx.objectStore('meta')
  if (Object.keys(last).length) await store.put({ ...((await store.get(lastKey(formId))) as Answers | undefined), ...last }, lastKey(formId))
}

async function dropOthers(tx: Write, instanceId: string, photos: PhotoRow[]): Promise<void> {
  const kept = new Set(photos.map((photo) => photo.id))
  for (const id of await tx.objectStore('photos').index('instanceId').getAllKeys(instanceId)) {
    if (kept.has(id)) continue
    await tx.objectStore('photos').delete(id)
    await tx.objectStore('photoBytes').delete(id)
  }
}

/** Of a finished photo only the parcel stays; what is shown small of it is kept in mind. */
export async function putSealed(tx: Write, photos: PhotoRow[], { photos: parcels }: SealedRecord): Promise<void> {
  for (const { id } of photos) {
    const attachment = parcels.get(id)?.bytes
    const row = await tx.objectStore('photos').get(id)
    if (!attachment || !row) throw new PhotoGone(GONE)
    await tx.objectStore('photoBytes').put({ id, attachment, screen: null, sealed: true })
    await tx.objectStore('photos').put({ ...row, thumbnail: new ArrayBuffer(0) })
  }
}

/** Pulled back, a photo is that of a draft again. */
async function putPlain(tx: Write, instanceId: string, plain: Map<string, PhotoBytesRow>): Promise<void> {
  for (const row of await tx.objectStore('photos').index('instanceId').getAll(instanceId)) {
    const bytes = plain.get(row.id)
    if (!bytes) throw new PhotoGone(GONE)
    await tx.objectStore('photoBytes').put(bytes)
    await tx.objectStore('photos').put(withThumbnail(row))
  }
}

async function linkReplaced(tx: Write, draft: Draft): Promise<void> {
  const replaced = draft.replaces && (await tx.objectStore('records').get(draft.replaces))
  if (replaced) await tx.objectStore('records').put({ ...replaced, replacedBy: draft.instanceId })
}

function thawed(row: RecordRow, bytes: ArrayBuffer): Draft {
  return {
    instanceId: row.instanceId,
    formId: row.formId,
    formVersion: row.formVersion,
    answers: answersOf(bytes),
    startedAt: row.startedAt,
    changedAt: isoTime(),
    counter: row.counter,
    location: row.location,
    replaces: row.replaces,
    patrolId: row.patrolId,
    links: row.links,
  }
}

function newestFirst(a: RecordRow, b: RecordRow): number {
  return Date.parse(b.capturedAt) - Date.parse(a.capturedAt) || b.counter - a.counter
}

const ID_REUSED = '/problems/id-reused'
const GONE =
  'A photo of this record is no longer on this phone. Remove it from the record or take it again, then finish.'
