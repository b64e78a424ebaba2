/** A ZIP of stored files, written from pieces so that only one of them is in memory at a time. */

/** `bytes` is asked for when its turn comes. */
export interface Entry {
  name: string
  bytes: () => Promise<ArrayBuffer>
}

/** Names must be ASCII. Blobs hold what was written; browsers keep large ones on the disk. */
export async function zip(entries: Entry[], at: Date): Promise<Blob> {
  const parts: Blob[] = []
  const contents: ArrayBuffer[] = []
  let offset = 0
  for (const entry of entries) {
    const bytes = await entry.bytes()
    const fields = fieldsOf(bytes, at)
    const name = new TextEncoder().encode(entry.name)
    const head = header(0x04034b50, [[VERSION, 2], ...fields, [name.length, 2], [0, 2]])
    contents.push(header(0x02014b50, [[VERSION, 2], [VERSION, 2], ...fields, [name.length, 2], ...NOTHING, [offset, 4]]))
    contents.push(name.buffer)
    parts.push(new Blob([head, name, bytes]))
    offset += head.byteLength + name.length + bytes.byteLength
  }
  const size = contents.reduce((total, part) => total + part.byteLength, 0)
  const count = entries.length
  const end = header(0x06054b50, [[0, 2], [0, 2], [count, 2], [count, 2], [size, 4], [offset, 4], [0, 2]])
  return new Blob([...parts, ...contents, end], { type: 'application/zip' })
}

/** How many bytes an entry adds to those of its file. */
export const ENTRY_OVERHEAD = 76 + 2 * 80

type Number = [value: number, size: 2 | 4]

const VERSION = 20 // 2.0, the first that everything reads
const STORED = 0
const NOTHING: Number[] = [[0, 2], [0, 2], [0, 2], [0, 2], [0, 4]] // extra, comment, disk, kinds of attributes

/** What both headers of a file say: flags, method, time, date, checksum, size packed and unpacked. */
function fieldsOf(bytes: ArrayBuffer, at: Date): Number[] {
  const time = (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1)
  const date = (Math.max(0, at.getFullYear() - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate()
  const size = bytes.byteLength
  return [[0, 2], [STORED, 2], [time, 2], [date, 2], [crc32(new Uint8Array(bytes)), 4], [size, 4], [size, 4]]
}

function header(signature: number, numbers: Number[]): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(4 + numbers.reduce((total, [, size]) => total + size, 0)))
  view.setUint32(0, signature, true)
  let at = 4
  for (const [value, size] of numbers) {
    if (size === 2) view.setUint16(at, value, true)
    else view.setUint32(at, value, true)
    at += size
  }
  return view.buffer
}

export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc
})
