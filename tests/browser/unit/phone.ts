/** A phone for the tests: an IndexedDB that forgets when told, forms, photos, and a server's answers. */
import { createRequire, registerHooks } from 'node:module'
import { after } from 'node:test'
import type { Draft, Form, Receipt } from '../../../pwa/src/types.ts'

registerHooks({
  // Vite turns this import into a worker's address; here no photo is ever shrunk.
  resolve: (specifier, context, next) =>
    specifier.endsWith('?worker&url')
      ? { url: 'data:text/javascript,export default ""', shortCircuit: true }
      : next(specifier, context),
})

const pwa = createRequire(new URL('../../../pwa/package.json', import.meta.url))
const { IDBFactory, IDBKeyRange, IDBDatabase, IDBTransaction, IDBRequest, IDBIndex, IDBObjectStore, IDBCursor } =
  pwa('fake-indexeddb')
Object.assign(globalThis, { IDBKeyRange, IDBDatabase, IDBTransaction, IDBRequest, IDBIndex, IDBObjectStore, IDBCursor })

const database = await import('../../../pwa/src/store/database.ts')
export const store = await import('../../../pwa/src/store/index.ts')
export const outbox = await import('../../../pwa/src/store/outbox.ts')
export { database }

after(database.closeDatabase) // an open channel would keep the test running

export const GRAFFITI: Form = {
  formId: 'graffiti',
  version: '1',
  title: 'Graffiti',
  audience: ['officer'],
  regime: 'uk_gdpr',
  retention: 'graffiti',
  fields: [
    { name: 'what', type: 'text', label: 'What does it say?' },
    { name: 'photos', type: 'image', label: 'Photos' },
  ],
}

/** A phone fresh from its box, enrolled. */
export async function freshPhone(): Promise<void> {
  await database.closeDatabase()
  Object.assign(globalThis, { indexedDB: new IDBFactory() })
  await store.openStore()
  await database.setMeta('device', { deviceId: 'd1', name: 'Phone 7', role: 'officer', serverId: 'srv' })
  await outbox.takeServerState({ epoch: 'e1', safeSeq: 0, serverTime: '2026-11-22T10:00:00Z' })
}

/** The browser was closed and opened again; the disk is the same. */
export async function restart(): Promise<void> {
  await database.closeDatabase()
  await store.openStore()
}

export async function finished(what: string, photos: string[] = []): Promise<string> {
  const draft = await store.startDraft(GRAFFITI)
  for (const photo of photos) await takePhoto(draft, photo)
  await store.finish(
    { ...draft, answers: photos.length ? { what, photos: photos.map(digestOf) } : { what } },
    GRAFFITI,
    `Graffiti, ${what}`,
  )
  return draft.instanceId
}

/** Stores a photo as addPhoto() would after shrinking. */
export async function takePhoto(draft: Draft, name: string): Promise<string> {
  const id = `${draft.instanceId} ${digestOf(name)}`
  const bytes = new TextEncoder().encode(name).buffer as ArrayBuffer
  await database.write(['photos', 'photoBytes'], async (tx) => {
    await tx.objectStore('photos').put({
      id,
      instanceId: draft.instanceId,
      field: 'photos',
      sha256: digestOf(name),
      size: bytes.byteLength,
      mediaType: 'image/jpeg',
      width: 4,
      height: 3,
      takenAt: '2026-11-22T10:00:00+00:00',
      thumbnail: bytes,
      removedAt: null,
    })
    await tx.objectStore('photoBytes').put({ id, attachment: bytes, screen: null })
  })
  return id
}

export function digestOf(name: string): string {
  return Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64)
}

export async function rowOf(instanceId: string) {
  const row = await database.read(['records'], (tx) => tx.objectStore('records').get(instanceId))
  if (!row) throw new Error(`no record ${instanceId}`)
  return row
}

export async function hasPhotoBytes(instanceId: string): Promise<boolean> {
  const photos = await store.photosOf(instanceId)
  const bytes = await Promise.all(photos.map((photo) => store.photoBytes(photo.id)))
  return bytes.length > 0 && bytes.every((found) => found !== null)
}

export async function receiptFor(instanceId: string, changes: Partial<Receipt> = {}): Promise<Receipt> {
  const { digest } = await rowOf(instanceId)
  return { instanceId, digest, epoch: 'e1', seq: 1, chain: 'f00d5', receivedAt: '2026-11-22T10:00:00Z', ...changes }
}

/** The server answers a delivery of this record. */
export async function serverStores(
  instanceId: string,
  { missing = [] as string[], receipt = {} as Partial<Receipt>, epoch = 'e1' } = {},
): Promise<void> {
  await outbox.offer([instanceId])
  await outbox.takeResults({
    epoch,
    safeSeq: 0,
    serverTime: null,
    results: [{ instanceId, status: 'stored', receipt: await receiptFor(instanceId, receipt), missing }],
  })
}
