/** The council's map on this phone: one file, fetched whole when somebody wants it, kept in pieces, deleted when somebody wants that. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { RangeResponse, Source } from 'pmtiles'
import type { MapOffer } from '../types.ts'
import { Problem } from '../problem.ts'
import { meta } from './database.ts'

/** In a database of its own: what fills the phone with pictures must never stand in the way of a record. */
interface Schema extends DBSchema {
  about: { key: 'map'; value: MapOnPhone }
  pieces: { key: number; value: ArrayBuffer }
}

export interface MapOnPhone extends MapOffer {
  /** The bytes that are here; as many as `size` when it is whole. */
  have: number
}

const NAME = 'beatbook-map'
export const PIECE = 1024 * 1024 // small enough that reading one tile costs no memory, and that little is lost when a lift takes the signal
const ROOM_LEFT = 200 * 1024 * 1024 // bytes that a map leaves for records and photos

export async function mapOffer(): Promise<MapOffer | null> {
  return meta<MapOffer>('map')
}

/** What is here of a map, whole or not. */
export async function mapOnPhone(): Promise<MapOnPhone | null> {
  return withMap(async (db) => (await db.get('about', 'map')) ?? null)
}

/** Fetches the map, or the rest of it. Throws Problem with a sentence; what has come by then stays and is carried on from. */
export async function fetchMap(offer: MapOffer, onHave: (have: number) => void, stop: AbortSignal): Promise<void> {
  const begun = await mapOnPhone()
  const have = begun?.version === offer.version && begun.size === offer.size ? begun.have : 0
  if (have === 0) await deleteMap()
  await refuseWithoutRoom(offer.size - have)
  const response = await request(have, stop)
  if (response.status !== 206) await deleteMap() // the whole file after all, from its first byte
  const from = response.status === 206 ? have : 0
  try {
    await keep(offer, from, response.body!, onHave)
  } catch (error) {
    if (error instanceof Problem || stop.aborted) throw error
    if (error instanceof DOMException && error.name === 'QuotaExceededError')
      throw new Problem('No room', NO_ROOM, 'stop')
    throw new Problem('No signal', NO_SIGNAL, 'retry')
  }
  const whole = await mapOnPhone()
  if (whole?.have !== offer.size) throw new Problem('No signal', NO_SIGNAL, 'retry')
}

export async function deleteMap(): Promise<void> {
  await withMap(async (db) => {
    await db.clear('pieces')
    await db.clear('about')
  })
}

/** Reads the pieces as one file. */
export class MapPieces implements Source {
  private readonly map: MapOnPhone

  constructor(map: MapOnPhone) {
    this.map = map
  }

  getKey(): string {
    return `phone ${this.map.version}`
  }

  async getBytes(offset: number, length: number): Promise<RangeResponse> {
    const end = Math.min(offset + length, this.map.size)
    const data = new Uint8Array(Math.max(0, end - offset))
    await withMap(async (db) => {
      for (let number = Math.floor(offset / PIECE); number * PIECE < end; number++) {
        const piece = await db.get('pieces', number)
        if (!piece) throw new Error('a piece of the map is missing')
        const start = number * PIECE
        const part = new Uint8Array(
          piece,
          Math.max(0, offset - start),
          Math.min(piece.byteLength, end - start) - Math.max(0, offset - start),
        )
        data.set(part, Math.max(start, offset) - offset)
      }
    })
    return { data: data.buffer }
  }
}

async function request(from: number, stop: AbortSignal): Promise<Response> {
  const server = (await meta<{ serverId: string }>('device'))?.serverId
  const headers: HeadersInit = from > 0 ? { range: `bytes=${from}-` } : {}
  let response: Response
  try {
    response = await fetch('/api/map', { headers, signal: stop, cache: 'no-store', credentials: 'same-origin' })
  } catch (error) {
    if (stop.aborted) throw error
    throw new Problem('No signal', NO_SIGNAL, 'retry')
  }
  const ours = server !== undefined && response.headers.get('beatbook-server') === server
  if (!ours || !response.ok || !response.body) throw new Problem('No map', NO_MAP, 'retry')
  return response
}

async function keep(
  offer: MapOffer,
  from: number,
  body: ReadableStream<Uint8Array>,
  onHave: (have: number) => void,
): Promise<void> {
  const piece = new Uint8Array(PIECE)
  let [have, filled] = [from, 0]
  const put = async () => {
    const number = Math.floor(have / PIECE)
    const bytes = piece.slice(0, filled).buffer
    have += filled
    filled = 0
    await withMap(async (db) => {
      const tx = db.transaction(['about', 'pieces'], 'readwrite')
      await tx.objectStore('pieces').put(bytes, number)
      await tx.objectStore('about').put({ ...offer, have }, 'map')
      await tx.done
    })
    onHave(have)
  }
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    for (let at = 0; at < value.length;) {
      const taken = value.subarray(at, at + PIECE - filled)
      piece.set(taken, filled)
      filled += taken.length
      at += taken.length
      if (filled === PIECE) await put()
    }
  }
  if (filled > 0 && have + filled === offer.size) await put() // a part of a piece is fetched again rather than patched up
}

async function refuseWithoutRoom(size: number): Promise<void> {
  const storage = navigator.storage as StorageManager | undefined
  const { quota = Infinity, usage = 0 }: StorageEstimate = (await storage?.estimate?.().catch(() => null)) ?? {}
  if (quota - usage < size + ROOM_LEFT) throw new Problem('No room', NO_ROOM, 'stop')
}

async function withMap<T>(work: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
  const db = await openDB<Schema>(NAME, 1, {
    upgrade: (fresh) => {
      fresh.createObjectStore('about')
      fresh.createObjectStore('pieces')
    },
  })
  try {
    return await work(db)
  } finally {
    db.close()
  }
}

const NO_SIGNAL = 'The signal was lost. What has come is kept; carry on when there is a signal.'
const NO_MAP = 'The office has no map for phones at the moment.'
const NO_ROOM = 'There is no room for the map on this phone. Records come first; it works without a map.'
