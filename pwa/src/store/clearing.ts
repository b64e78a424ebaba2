/** A phone that leaves: what is still to be handed over, and how everything of ours goes from this browser. */
import { closeForGood, read, type PhotoRow, type RecordRow } from './database.ts'
import { MARKER_CLEARED, setMarker } from './device.ts'
import { PARCEL } from './sealed.ts'

/** One thing that the office does not have. */
export interface Piece {
  kind: 'record' | 'photo' | 'draft'
  key: string
  bytes: () => Promise<ArrayBuffer | null>
  mediaType: string
}

const TO_LET_GO = 5000 // ms; a tab that holds on for longer is asleep, and the next start clears the rest
const DATABASES = ['beatbook', 'beatbook-map']

/**
 * Finished records without a receipt, photos that the office lacks, and what is not finished, with its photos. What was
 * made for another office is only counted, for it is nobody's here, and so is what lies under somebody's PIN.
 */
export async function leftHere(serverId: string): Promise<{ pieces: Piece[]; foreign: number; unread: number }> {
  return read(['records', 'drafts', 'photos', 'photoBytes'], async (tx) => {
    const pieces: Piece[] = []
    let unread = 0
    const photos = await tx.objectStore('photos').getAll()
    const here = new Set(await tx.objectStore('photoBytes').getAllKeys())
    const rows = (await tx.objectStore('records').getAll()).filter((row) => row.bytes && row.state !== 'redacted')
    const ours = rows.filter((row) => row.serverId === null || row.serverId === serverId)
    for (const row of ours) pieces.push(...ofRecord(row, photos, here))
    for (const { discardedAt, veiled, ...draft } of await tx.objectStore('drafts').getAll()) {
      if (discardedAt) continue
      if (veiled) unread += 1 // under a PIN: nobody could read it at the office either
      if (veiled) continue
      const own = photos.filter((photo) => photo.instanceId === draft.instanceId && !photo.removedAt && here.has(photo.id))
      const told = JSON.stringify({ draft, photos: own.map(({ field, sha256 }) => ({ field, sha256 })) })
      const bytes = new TextEncoder().encode(told).buffer as ArrayBuffer
      pieces.push({ kind: 'draft', key: draft.instanceId, mediaType: 'application/json', bytes: async () => bytes })
      pieces.push(...own.map((photo) => photoPiece(photo, false)))
    }
    return { pieces, unread, foreign: rows.filter((row) => !ours.includes(row) && !row.receipt).length }
  })
}

/** Databases, files, settings and the worker of this origin, in every tab. Answers whether all of it is gone. */
export async function clearAll(): Promise<boolean> {
  await closeForGood()
  setMarker(MARKER_CLEARED) // if the browser is closed in the middle the next start knows why nothing is here
  for (const kept of [globalThis.localStorage, globalThis.sessionStorage]) kept?.clear()
  const files = globalThis.caches as CacheStorage | undefined // missing where the page is not secure
  const workers = (await navigator.serviceWorker?.getRegistrations().catch(() => [])) ?? []
  const done = await Promise.all([
    ...DATABASES.map(deleteDatabase),
    ...((await files?.keys()) ?? []).map((name) => files!.delete(name)),
    ...workers.map((worker) => worker.unregister()),
  ])
  return done.every(Boolean)
}

function ofRecord(row: RecordRow, photos: PhotoRow[], here: Set<string>): Piece[] {
  const lacks = row.receipt ? row.missing : row.attachments.map(({ sha256 }) => sha256)
  const own = photos.filter(
    (photo) => photo.instanceId === row.instanceId && lacks.includes(photo.sha256) && here.has(photo.id),
  )
  const record: Piece = {
    kind: 'record',
    key: row.instanceId,
    mediaType: row.sealed ? PARCEL : 'application/json',
    bytes: async () => row.bytes,
  }
  return [...(row.receipt ? [] : [record]), ...own.map((photo) => photoPiece(photo, row.sealed === true))]
}

function photoPiece({ id, sha256, mediaType }: PhotoRow, isSealed: boolean): Piece {
  const bytes = async () =>
    (await read(['photoBytes'], (tx) => tx.objectStore('photoBytes').get(id)))?.attachment ?? null
  return { kind: 'photo', key: sha256, mediaType: isSealed ? PARCEL : mediaType, bytes }
}

function deleteDatabase(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = indexedDB.deleteDatabase(name)
    asked.onsuccess = () => resolve(true)
    asked.onerror = () => resolve(false)
    asked.onblocked = () => setTimeout(() => resolve(false), TO_LET_GO) // another tab lets go as soon as it hears
  })
}
