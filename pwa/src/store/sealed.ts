/** What is finished, read back: until this phone is locked its officer may, and then nobody can. */
import { meta, read, type PhotoBytesRow, type PhotoRow, type RecordRow } from './database.ts'
import { keepInMind, openInMind, seal, type Parcel, type Seal } from './parcels.ts'
import { isVeiling } from './veil.ts'

/** A finished record with its photos, sealed but not yet written. */
export interface SealedRecord {
  submission: Parcel
  photos: Map<string, Parcel>
  thumbnails: Map<string, ArrayBuffer>
}

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
  const to = isVeiling() ? await meta<Seal>('seal') : null
  if (!to) return null
  const plain = await plainPhotos(instanceId)
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
  keepInMind(instanceId, made.submission)
  for (const [id, parcel] of made.photos) keepInMind(id, parcel)
  for (const [id, thumbnail] of made.thumbnails) thumbnails.set(id, thumbnail)
}

/** What is shown small of a finished photo lies nowhere but in mind. */
export function withThumbnail<T extends Pick<PhotoRow, 'id' | 'thumbnail'>>(photo: T): T {
  return photo.thumbnail.byteLength ? photo : { ...photo, thumbnail: thumbnails.get(photo.id) ?? photo.thumbnail }
}

export function forgetThumbnails(): void {
  thumbnails.clear()
}

