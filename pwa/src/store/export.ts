/** Everything that is not safely on the server as files to carry away by hand. Nothing is changed or deleted by it. */
import type { Device } from '../types.ts'
import { meta, read, type PhotoRow, type RecordRow } from './database.ts'
import { isoTime } from './ids.ts'
import { APP_VERSION } from './submission.ts'
import { ENTRY_OVERHEAD, zip, type Entry } from './zip.ts'

export interface ExportedFile {
  name: string
  blob: Blob
  records: number
}

const LARGEST = 400 * 1024 * 1024 // bytes of one file: the server reads 512 MiB at once
const MOST_RECORDS = 1000 // of one file; the server reads 8,000 entries

/** Whether there is anything to carry. */
export async function exportable(): Promise<number> {
  return (await notSafe()).length
}

/** One file, or several when there is much. With an id only that record. */
export async function exportUnsent(instanceId?: string, now: Date = new Date()): Promise<ExportedFile[]> {
  const rows = (await notSafe()).filter((row) => !instanceId || row.instanceId === instanceId)
  const device = await meta<Device>('device')
  const lots = inLots(rows)
  const files: ExportedFile[] = []
  for (const [index, lot] of lots.entries()) {
    const part = lots.length > 1 ? index + 1 : null
    files.push({
      name: fileName(device?.name ?? 'phone', now, part),
      blob: await zip(await entriesOf(lot, device, part ?? 1, lots.length), now),
      records: lot.length,
    })
  }
  return files
}

/** Not received, received without all its photos, or refused; whatever still has its bytes and was not mended since. */
async function notSafe(): Promise<RecordRow[]> {
  const rows = await read(['records'], (tx) => tx.objectStore('records').getAll())
  return rows.filter(isNotSafe).sort((a, b) => serverOf(a).localeCompare(serverOf(b)) || a.counter - b.counter)
}

function isNotSafe(row: RecordRow): boolean {
  if (!row.bytes || row.state === 'redacted') return false
  return row.receipt === null || row.refusal !== null || row.missing.length > 0
}

/** What was made for another Beatbook goes into a file of its own. */
function serverOf(row: RecordRow): string {
  return row.serverId ?? ''
}

function inLots(rows: RecordRow[]): RecordRow[][] {
  const lots: RecordRow[][] = []
  let room = 0
  for (const row of rows) {
    const size = sizeOf(row)
    const last = lots.at(-1)
    if (!last || size > room || last.length >= MOST_RECORDS || serverOf(last[0]!) !== serverOf(row)) {
      lots.push([])
      room = LARGEST
    }
    lots.at(-1)!.push(row)
    room -= size
  }
  return lots
}

function sizeOf(row: RecordRow): number {
  const photos = row.attachments.reduce((total, photo) => total + photo.size + ENTRY_OVERHEAD, 0)
  return row.bytes!.byteLength + ENTRY_OVERHEAD + photos
}

async function entriesOf(rows: RecordRow[], device: Device | null, part: number, parts: number): Promise<Entry[]> {
  const photos = await photoEntries(rows)
  const manifest = {
    format: 1,
    product: 'Beatbook',
    app: APP_VERSION,
    exportedAt: isoTime(),
    serverId: rows[0]!.serverId ?? device?.serverId ?? null,
    deviceId: device?.deviceId ?? null,
    deviceName: device?.name ?? null,
    part,
    parts,
    records: rows.map((row) => ({
      instanceId: row.instanceId,
      digest: row.digest,
      counter: row.counter,
      formId: row.formId,
      title: row.title,
      capturedAt: row.capturedAt,
      photos: sha256s(row),
    })),
  }
  return [
    { name: 'manifest.json', bytes: async () => utf8(JSON.stringify(manifest, null, 1)) },
    ...rows.map((row) => ({ name: `records/${row.instanceId}.json`, bytes: async () => row.bytes! })),
    ...photos,
  ]
}

/** Each photo once, and only those still on this phone: a record goes without the others rather than not at all. */
async function photoEntries(rows: RecordRow[]): Promise<Entry[]> {
  const found = new Map<string, Entry>()
  for (const row of rows) {
    const listed = new Set(sha256s(row))
    for (const photo of await photosWithBytes(row.instanceId)) {
      if (found.has(photo.sha256) || !listed.has(photo.sha256)) continue
      const ending = photo.mediaType.replace('image/', '').replace('jpeg', 'jpg')
      found.set(photo.sha256, { name: `photos/${photo.sha256}.${ending}`, bytes: () => bytesOf(photo.id) })
    }
  }
  return [...found.values()]
}

async function photosWithBytes(instanceId: string): Promise<PhotoRow[]> {
  return read(['photos', 'photoBytes'], async (tx) => {
    const kept: PhotoRow[] = []
    for (const photo of await tx.objectStore('photos').index('instanceId').getAll(instanceId))
      if (await tx.objectStore('photoBytes').getKey(photo.id)) kept.push(photo)
    return kept
  })
}

/** Empty when it was sent and let go since the list was made: then the file says so, and the server has it. */
async function bytesOf(photoId: string): Promise<ArrayBuffer> {
  const row = await read(['photoBytes'], (tx) => tx.objectStore('photoBytes').get(photoId))
  return row?.attachment ?? new ArrayBuffer(0)
}

function sha256s(row: RecordRow): string[] {
  return [...new Set(row.attachments.map((attachment) => attachment.sha256))]
}

/** 'beatbook-phone-7-2026-11-23.zip' */
function fileName(device: string, now: Date, part: number | null): string {
  const plain = device
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return `beatbook-${plain || 'phone'}-${isoTime(now.getTime()).slice(0, 10)}${part ? `-part-${part}` : ''}.zip`
}

function utf8(text: string): ArrayBuffer {
  return new TextEncoder().encode(text).buffer as ArrayBuffer
}
