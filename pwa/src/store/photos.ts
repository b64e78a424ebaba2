/** Photos on the phone: shrunk, hashed and stored the moment they are taken; then covered, described and put in order. */
import { isOriginal, originalName } from '../forms/pictures.ts'
import type { Cover, Draft, Field, Photo, PhotoAbout } from '../types.ts'
import { read, write, type PhotoBytesRow, type PhotoRow, type RecordRow, type Write } from './database.ts'
import { form } from './forms.ts'
import { isoTime, newId, sha256 } from './ids.ts'
import { PhotoGone } from './problems.ts'
import { plainBytes, withThumbnail } from './sealed.ts'
import { shrink } from './shrink.ts'
import type { Shrunk } from './shrunk.ts'

const LARGEST_ORIGINAL = 12 * 1024 * 1024 // what the server takes as one attachment

interface Attachment {
  bytes: ArrayBuffer
  mediaType: string
}

/** Resolves when the photo is on the disk. Throws PhotoUnreadable or StoreFull with a sentence, and then keeps nothing of it. */
export async function addPhoto(draft: Draft, field: string, file: Blob, about: PhotoAbout = {}): Promise<Photo> {
  const shrunk = await shrink(file)
  const row = { ...(await described(draft, field, { bytes: shrunk.bytes, mediaType: 'image/jpeg' }, shrunk)), about }
  const wantsOriginal = keepsOriginal((await form(draft.formId, draft.formVersion))?.fields ?? [], field)
  const camera = wantsOriginal ? await asOriginal(file) : null
  if (!camera) return kept(row, shrunk.bytes)
  // Nothing on this phone ever shows the camera's own file, so it has no thumbnail: what is covered stays covered here.
  const original = await described(draft, originalName(field), camera, { ...shrunk, thumbnail: new ArrayBuffer(0) })
  return kept({ ...row, original: original.sha256, originalId: original.id }, shrunk.bytes, original, camera.bytes)
}

/** A signature or a drawing, as PNG. */
export async function addDrawing(draft: Draft, field: string, drawn: Shrunk, about: PhotoAbout): Promise<Photo> {
  const row = await described(draft, field, { bytes: drawn.bytes, mediaType: 'image/png' }, drawn)
  return kept({ ...row, about }, drawn.bytes)
}

/** Blacks these places out in the copy that is sent, instead of those before. Until the record is finished it can be undone. */
export async function coverPhoto(photoId: string, covers: Cover[]): Promise<Photo> {
  const uncovered = await uncoveredBytes(photoId)
  if (!uncovered) throw new PhotoGone(GONE)
  const covered = await shrink(new Blob([uncovered], { type: 'image/jpeg' }), covers)
  const attachment = covers.length > 0 ? covered.bytes : uncovered
  const digest = await sha256(attachment)
  const changed = { covers, sha256: digest, size: attachment.byteLength, thumbnail: covered.thumbnail }
  return write(['drafts', 'photos', 'photoBytes'], async (tx) => {
    const row = await change(tx, photoId, changed)
    if (!(await tx.objectStore('drafts').getKey(row.instanceId))) throw new PhotoGone(GONE) // finished in another tab
    await tx.objectStore('photoBytes').put({ id: photoId, attachment, screen: null, uncovered })
    return asPhoto(row, undefined)
  })
}

export async function describePhoto(photoId: string, about: PhotoAbout): Promise<Photo> {
  return write(['photos'], async (tx) => asPhoto(await change(tx, photoId, { about }), undefined))
}

/** The photos of one question in their new order. */
export async function arrangePhotos(photos: Photo[]): Promise<Photo[]> {
  return write(['photos'], async (tx) => {
    const arranged: Photo[] = []
    for (const [order, { id }] of photos.entries()) arranged.push(asPhoto(await change(tx, id, { order }), undefined))
    return arranged
  })
}

export async function removePhoto(photoId: string): Promise<void> {
  await markRemoved(photoId, isoTime())
}

export async function restorePhoto(photoId: string): Promise<void> {
  await markRemoved(photoId, null)
}

/** A draft's or a record's photos in their order. The camera's own files go with them and are not among them. */
export async function photosOf(instanceId: string): Promise<Photo[]> {
  return read(['photos', 'records'], async (tx) => {
    const rows = await tx.objectStore('photos').index('instanceId').getAll(instanceId)
    const record = await tx.objectStore('records').get(instanceId)
    const shown = inOrder(rows.filter((row) => !row.removedAt && !isOriginal(row.field)))
    return shown.map((row) => asPhoto(withThumbnail(row), record))
  })
}

export function inOrder<T extends Pick<Photo, 'order' | 'takenAt'>>(photos: T[]): T[] {
  const place = ({ order, takenAt }: T) => order ?? Date.parse(takenAt)
  return [...photos].sort((one, other) => place(one) - place(other))
}

/** A JPEG for the screen, or null once the delete rule has let the photo go (its thumbnail stays). */
export async function photoBytes(photoId: string): Promise<ArrayBuffer | null> {
  const row = await bytesOf(photoId)
  return row ? (row.screen ?? row.attachment) : null
}

/** The photo before anything on it was blacked out, as long as this phone has that. */
export async function uncoveredBytes(photoId: string): Promise<ArrayBuffer | null> {
  const row = await bytesOf(photoId)
  return row ? (row.uncovered ?? row.screen ?? row.attachment) : null
}

/** The record is finished: what was covered cannot be uncovered any more, by anybody who gets hold of this phone. */
export async function forgetUncovered(tx: Write, photos: PhotoRow[]): Promise<void> {
  for (const { covers, ...photo } of photos) {
    if (!covers) continue
    const { uncovered: _, ...bytes } = (await tx.objectStore('photoBytes').get(photo.id))!
    await tx.objectStore('photoBytes').put(bytes)
    await tx.objectStore('photos').put({ ...photo, covered: (photo.covered ?? 0) + covers.length })
  }
}

async function kept(row: PhotoRow, bytes: ArrayBuffer, original?: PhotoRow, untouched?: ArrayBuffer): Promise<Photo> {
  await write(['photos', 'photoBytes'], async (tx) => {
    await tx.objectStore('photos').put(row)
    await tx.objectStore('photoBytes').put({ id: row.id, attachment: bytes, screen: null })
    if (!original || !untouched) return
    await tx.objectStore('photos').put(original)
    await tx.objectStore('photoBytes').put({ id: original.id, attachment: untouched, screen: null })
  })
  return asPhoto(row, undefined)
}

/** As they were taken; null when they are gone, or sealed and nobody here can read them any more. */
async function bytesOf(photoId: string): Promise<PhotoBytesRow | null> {
  return plainBytes(await read(['photoBytes'], (tx) => tx.objectStore('photoBytes').get(photoId)))
}

async function change(tx: Write, photoId: string, changes: Partial<PhotoRow>): Promise<PhotoRow> {
  const row = await tx.objectStore('photos').get(photoId)
  if (!row) throw new PhotoGone(GONE)
  await tx.objectStore('photos').put({ ...row, ...changes })
  return { ...row, ...changes }
}

/** `field` may be the path of a question in a repeat: 'people/0/photos'. */
function keepsOriginal(fields: Field[], path: string): boolean {
  const name = path.split('/').at(-1)
  return fields.some(
    (field) => (field.name === name && field.original === true) || keepsOriginal(field.fields ?? [], path),
  )
}

/** The camera's own file, untouched, if the server can take it as it is. */
async function asOriginal(file: Blob): Promise<Attachment | null> {
  if (file.size > LARGEST_ORIGINAL) return null
  const bytes = await file.arrayBuffer()
  const mediaType = sniffed(new Uint8Array(bytes, 0, Math.min(12, bytes.byteLength)))
  return mediaType ? { bytes, mediaType } : null
}

/** By its first bytes: a phone's word for a file's type is often wrong. */
function sniffed(head: Uint8Array): string | null {
  const letters = String.fromCharCode(...head)
  if (letters.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (letters.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (letters.startsWith('RIFF') && letters.slice(8) === 'WEBP') return 'image/webp'
  return null
}

async function described(draft: Draft, field: string, attachment: Attachment, shrunk: Shrunk): Promise<PhotoRow> {
  return {
    id: newId(),
    instanceId: draft.instanceId,
    field,
    sha256: await sha256(attachment.bytes),
    size: attachment.bytes.byteLength,
    mediaType: attachment.mediaType,
    width: shrunk.width,
    height: shrunk.height,
    takenAt: isoTime(),
    thumbnail: shrunk.thumbnail,
    removedAt: null,
  }
}

function asPhoto({ removedAt: _, originalId: __, veiled: ___, ...photo }: PhotoRow, record: RecordRow | undefined): Photo {
  const sent = record?.receipt && !record.missing.includes(photo.sha256)
  return { ...photo, state: sent ? 'sent' : 'kept' }
}

async function markRemoved(photoId: string, removedAt: string | null): Promise<void> {
  await write(['photos'], async (tx) => {
    const row = await tx.objectStore('photos').get(photoId)
    if (!row) return
    await tx.objectStore('photos').put({ ...row, removedAt })
    const original = row.originalId ? await tx.objectStore('photos').get(row.originalId) : undefined
    if (original) await tx.objectStore('photos').put({ ...original, removedAt })
  })
}

const GONE = 'This photo is no longer open on this phone. Take it again if it is needed.'
