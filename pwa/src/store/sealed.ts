/**
 * What is finished lies here sealed to the server. What opens it again is kept in mind only, until this phone is locked: so
 * long its officer can read it and pull it back, and after that nobody can.
 */
import { meta, read, type PhotoBytesRow, type PhotoRow, type RecordRow } from './database.ts'
import type { Opener, Parcel } from './parcels.ts'
import { isVeiling } from './veil.ts'

/** How a sealed part is announced to the server. */
export const PARCEL = 'application/vnd.beatbook.parcel'

/** What the server says of sealing: its key, and whether this phone locks itself. */
export interface Seal {
  keyId: string
  /** The point on P-256, uncompressed, in Base64. */
  publicKey: string
  appLock: boolean
}

/** A finished record with its photos, sealed but not yet written. */
export interface SealedRecord {
  submission: Parcel
  photos: Map<string, Parcel>
  thumbnails: Map<string, ArrayBuffer>
}

/** This phone has changed to another server and has not heard its key yet. */
class NoSeal extends Error {
  override name = 'NoSeal'
}

const openers = new Map<string, Opener>()
const thumbnails = new Map<string, ArrayBuffer>()

/** The frozen bytes of a record, or null when they are gone or nobody here can read them any more. */
export async function plainRecord(row: RecordRow): Promise<ArrayBuffer | null> {
  return row.sealed && row.bytes ? openInMind(row.instanceId, row.bytes) : row.bytes
}

/** A photo as it was before it was sealed. */
export async function plainBytes(row: PhotoBytesRow | undefined): Promise<PhotoBytesRow | null> {
  if (!row || row.veiled) return null
  if (!row.sealed) return row
  const attachment = await openInMind(row.id, row.attachment)
  return attachment && { id: row.id, attachment, screen: null }
}

/** Those of a record's photos that can still be read, by their id. */
export async function plainPhotos(instanceId: string): Promise<Map<string, PhotoBytesRow>> {
  const rows = await read(['photos', 'photoBytes'], async (tx) => {
    const ids = await tx.objectStore('photos').index('instanceId').getAllKeys(instanceId)
    return Promise.all(ids.map((id) => tx.objectStore('photoBytes').get(id)))
  })
  const plain = await Promise.all(rows.map(plainBytes))
  return new Map(plain.flatMap((row) => (row ? [[row.id, row] as const] : [])))
}

/** Seals what is about to be finished, where this phone locks; null where it does not. */
export async function sealRecord(
  instanceId: string,
  bytes: ArrayBuffer,
  digest: string,
  photos: PhotoRow[],
): Promise<SealedRecord | null> {
  if (!isVeiling()) return null
  const to = await meta<Seal>('seal')
  if (!to) throw new NoSeal(NO_SEAL)
  const [{ seal }, plain] = await Promise.all([import('./parcels.ts'), plainPhotos(instanceId)])
  const sealed = new Map<string, Parcel>()
  for (const { id, sha256: digestOfPhoto } of photos) {
    const row = plain.get(id)
    if (row) sealed.set(id, await seal(to, row.attachment, 'attachment', digestOfPhoto))
  }
  const submission = await seal(to, bytes, 'submission', digest, { instanceId })
  return { submission, photos: sealed, thumbnails: new Map(photos.map(({ id, thumbnail }) => [id, thumbnail])) }
}

/** It is on the disk: so long as nobody locks this phone it can be read back. */
export function remember(instanceId: string, made: SealedRecord): void {
  openers.set(instanceId, made.submission.opener)
  for (const [id, { opener }] of made.photos) openers.set(id, opener)
  for (const [id, thumbnail] of made.thumbnails) thumbnails.set(id, thumbnail)
}

/** What is shown small of a finished photo lies nowhere but in mind. */
export function withThumbnail<T extends Pick<PhotoRow, 'id' | 'thumbnail'>>(photo: T): T {
  return photo.thumbnail.byteLength ? photo : { ...photo, thumbnail: thumbnails.get(photo.id) ?? photo.thumbnail }
}

/** From now on nothing that is sealed can be read on this phone. */
export function forgetSealed(): void {
  openers.clear()
  thumbnails.clear()
}

async function openInMind(id: string, parcel: ArrayBuffer): Promise<ArrayBuffer | null> {
  const opener = openers.get(id)
  return opener ? (await import('./parcels.ts')).open(opener, parcel) : null
}


const NO_SEAL = 'Beatbook has to reach the office once before you can finish. What you wrote is saved on this phone.'
