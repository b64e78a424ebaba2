/** Records being written: begun, saved on every change, thrown away and brought back. */
import type { Answers, Draft, Form, Links } from '../types.ts'
import { read, stashOnLoss, takeStash, write, type DraftRow, type Write } from './database.ts'
import { isoTime, newId } from './ids.ts'
import { noteDiscarded } from './numbers.ts'
import { isLocked } from './veil.ts'
import { plainPhotos } from './sealed.ts'

/** The draft under the person's hands, carried across a reload if the browser loses its storage. */
let inHand: Draft | null = null

export async function startDraft(form: Form, given: { answers?: Answers; replaces?: string; links?: Links } = {}): Promise<Draft> {
  const now = isoTime()
  const draft: Draft = {
    instanceId: newId(),
    formId: form.formId,
    formVersion: form.version,
    answers: given.answers ?? {},
    startedAt: now,
    changedAt: now,
    counter: 0,
    location: null,
    replaces: given.replaces ?? null,
    patrolId: null,
    links: given.links,
  }
  if (!draft.replaces) {
    await saveDraft(draft)
    return draft
  }
  return correct(draft, draft.replaces)
}

/** A correction begins with what the first record had: its place, what it came of, and those photos that are still here. */
async function correct(draft: Draft, replaces: string): Promise<Draft> {
  const readable = await plainPhotos(replaces)
  return write(['drafts', 'records', 'photos', 'photoBytes'], async (tx) => {
    const first = await tx.objectStore('records').get(replaces)
    const corrected = { ...draft, location: first?.location ?? null, links: first?.links }
    const photos = await tx.objectStore('photos').index('instanceId').getAll(replaces)
    const copies = new Map(photos.map((photo) => [photo.id, newId()]))
    for (const photo of photos) {
      const bytes = readable.get(photo.id)
      if (!bytes || photo.removedAt) continue
      const id = copies.get(photo.id)!
      const original = photo.originalId ? { originalId: copies.get(photo.originalId) ?? photo.originalId } : {}
      await tx.objectStore('photos').put({ ...photo, ...original, id, instanceId: draft.instanceId })
      await tx.objectStore('photoBytes').put({ ...bytes, id })
    }
    await tx.objectStore('drafts').put({ ...corrected, discardedAt: null })
    inHand = corrected
    return corrected
  })
}

/** What is on the screen now, saved or not: it is carried across a reload when the browser loses the database. */
export function takeInHand(draft: Draft): void {
  inHand = draft
}

export async function saveDraft(draft: Draft): Promise<void> {
  takeInHand(draft)
  await write(['drafts'], async (tx) => {
    await tx.objectStore('drafts').put({ ...draft, changedAt: isoTime(), discardedAt: null })
  })
}

/** What is not finished, last changed first. */
export async function drafts(): Promise<Draft[]> {
  const rows = await read(['drafts'], (tx) => tx.objectStore('drafts').getAll())
  return rows
    .filter(isMine)
    .sort((a, b) => Date.parse(b.changedAt) - Date.parse(a.changedAt))
    .map(asDraft)
}

export async function draft(instanceId: string): Promise<Draft | null> {
  const row = await read(['drafts'], (tx) => tx.objectStore('drafts').get(instanceId))
  return row && isMine(row) ? asDraft(row) : null
}

export async function discardDraft(instanceId: string): Promise<void> {
  if (inHand?.instanceId === instanceId) inHand = null
  await markDiscarded(instanceId, isoTime())
}

export async function restoreDraft(instanceId: string): Promise<Draft | null> {
  await markDiscarded(instanceId, null)
  return draft(instanceId)
}

/** At start: what was thrown away before is now really gone, and what a lost connection left behind is saved. */
export async function settleDrafts(): Promise<void> {
  const stashed = isLocked() ? [] : (takeStash() as Draft[]) // it waits for who can read it
  await write(['drafts', 'photos', 'photoBytes', 'records', 'meta'], async (tx) => {
    for (const row of await tx.objectStore('drafts').getAll()) {
      if (!row.discardedAt) continue
      await removeDraft(tx, row.instanceId)
      if (row.counter) await noteDiscarded(tx, row.counter)
    }
    for (const row of await tx.objectStore('photos').getAll()) if (row.removedAt) await removePhoto(tx, row.id)
    for (const row of stashed) {
      const finished = await tx.objectStore('records').getKey(row.instanceId)
      if (!finished) await tx.objectStore('drafts').put({ ...row, discardedAt: null })
    }
  })
}

/** Another officer carries this phone: what the one before has begun is put away, and what the next had begun is theirs again. */
export async function passDrafts(tx: Write, before: string, next: string): Promise<void> {
  for (const row of await tx.objectStore('drafts').getAll()) {
    if ('veiled' in row) continue // under its person's PIN, so nobody else sees it
    const { by = before, ...draft } = row
    await tx.objectStore('drafts').put(by === next ? draft : { ...draft, by })
  }
}

/** How many unfinished records of others are put away here. */
export async function putAway(): Promise<number> {
  const rows = await read(['drafts'], (tx) => tx.objectStore('drafts').getAll())
  return rows.filter((row) => row.by && !row.discardedAt).length
}

/** Forgets which draft is in hand: it has become a record. */
export function handDown(instanceId: string): void {
  if (inHand?.instanceId === instanceId) inHand = null
}

function asDraft(row: DraftRow): Draft {
  const { discardedAt: _, by: __, veiled: ___, ...draft } = row
  return draft
}

/** The person goes: nothing of what they wrote stays in mind. */
export function forgetInHand(): void {
  inHand = null
}

stashOnLoss(() => inHand)

/** Neither thrown away, nor of another officer who carried this phone, nor of another person with a PIN. */
function isMine(row: DraftRow): boolean {
  return !row.discardedAt && !row.by && !row.veiled
}

async function markDiscarded(instanceId: string, discardedAt: string | null): Promise<void> {
  await write(['drafts'], async (tx) => {
    const row = await tx.objectStore('drafts').get(instanceId)
    if (row) await tx.objectStore('drafts').put({ ...row, discardedAt })
  })
}

async function removeDraft(tx: Write, instanceId: string): Promise<void> {
  await tx.objectStore('drafts').delete(instanceId)
  for (const id of await tx.objectStore('photos').index('instanceId').getAllKeys(instanceId)) await removePhoto(tx, id)
}

async function removePhoto(tx: Write, id: string): Promise<void> {
  await tx.objectStore('photos').delete(id)
  await tx.objectStore('photoBytes').delete(id)
}
