/** Photos on the phone: shrunk, hashed and stored the moment they are taken. */
import type { Draft, Field, Photo } from '../types.ts'
import { read, write, type PhotoRow, type RecordRow } from './database.ts'
import { form } from './forms.ts'
import { isoTime, newId, sha256 } from './ids.ts'
import { shrink } from './shrink.ts'
import type { Shrunk } from './shrunk.ts'

const LARGEST_ORIGINAL = 12 * 1024 * 1024 // what the server takes as one attachment

interface Attachment {
  bytes: ArrayBuffer
  mediaType: string
}

/** Resolves when the photo is on the disk. Throws PhotoUnreadable or StoreFull with a sentence, and then keeps nothing of it. */
export async function addPhoto(draft: Draft, field: string, file: Blob): Promise<Photo> {
  const shrunk = await shrink(file)
  const wantsOriginal = keepsOriginal((await form(draft.formId, draft.formVersion))?.fields ?? [], field)
  const original = wantsOriginal ? await asOriginal(file) : null
  const attachment = original ?? { bytes: shrunk.bytes, mediaType: 'image/jpeg' }
  const row = await described(draft, field, attachment, shrunk)
  await write(['photos', 'photoBytes'], async (tx) => {
    await tx.objectStore('photos').put(row)
    await tx
      .objectStore('photoBytes')
      .put({ id: row.id, attachment: attachment.bytes, screen: original ? shrunk.bytes : null })
  })
  return asPhoto(row, undefined)
}

export async function removePhoto(photoId: string): Promise<void> {
  await markRemoved(photoId, isoTime())
}

export async function restorePhoto(photoId: string): Promise<void> {
  await markRemoved(photoId, null)
}

/** A draft's or a record's photos in the order they were taken. */
export async function photosOf(instanceId: string): Promise<Photo[]> {
  return read(['photos', 'records'], async (tx) => {
    const rows = await tx.objectStore('photos').index('instanceId').getAll(instanceId)
    const record = await tx.objectStore('records').get(instanceId)
    return rows.filter((row) => !row.removedAt).map((row) => asPhoto(row, record))
  })
}

/** A JPEG for the screen, or null once the delete rule has let the photo go (its thumbnail stays). */
export async function photoBytes(photoId: string): Promise<ArrayBuffer | null> {
  const row = await read(['photoBytes'], (tx) => tx.objectStore('photoBytes').get(photoId))
  return row ? (row.screen ?? row.attachment) : null
}

function keepsOriginal(fields: Field[], name: string): boolean {
  return fields.some(
    (field) => (field.name === name && field.original === true) || keepsOriginal(field.fields ?? [], name),
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

function asPhoto({ removedAt: _, ...photo }: PhotoRow, record: RecordRow | undefined): Photo {
  const sent = record?.receipt && !record.missing.includes(photo.sha256)
  return { ...photo, state: sent ? 'sent' : 'kept' }
}

async function markRemoved(photoId: string, removedAt: string | null): Promise<void> {
  await write(['photos'], async (tx) => {
    const row = await tx.objectStore('photos').get(photoId)
    if (row) await tx.objectStore('photos').put({ ...row, removedAt })
  })
}
