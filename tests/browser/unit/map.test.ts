/** The map: where lines and tiles lie, and the council's file kept in pieces and carried on with after a lost signal. */
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { fromPixel, metresAPixel, roundMetres, toPixel } from '../../../pwa/src/map/mercator.ts'
import { labelSpacing, spacing } from '../../../pwa/src/map/grid-lines.ts'
import { distance } from '../../../pwa/src/places.ts'
import { freshPhone } from './phone.ts'

const { deleteMap, fetchMap, mapOnPhone, MapPieces, PIECE } = await import('../../../pwa/src/store/map-file.ts')

const FILE = new Uint8Array(2 * PIECE + 1234).map((_, at) => (at * 7 + (at >> 12)) % 251)
const OFFER = { size: FILE.length, version: 'v1' }
const NEVER = new AbortController().signal
let asked: (string | null)[] = []
let breaksAfter = Infinity
let server = 'srv'
let ranges = true

beforeEach(async () => {
  await freshPhone()
  asked = []
  breaksAfter = Infinity
  server = 'srv'
  ranges = true
})

Object.assign(globalThis, {
  fetch: async (_: string, { headers }: { headers: Record<string, string> }) => {
    const range = headers['range'] ?? null
    asked.push(range)
    const from = range && ranges ? Number(/\d+/.exec(range)![0]) : 0
    let at = from
    const body = new ReadableStream<Uint8Array>({
      pull(control) {
        if (at >= breaksAfter) return control.error(new TypeError('network'))
        if (at >= FILE.length) return control.close()
        control.enqueue(FILE.slice(at, Math.min(at + 100_000, FILE.length)))
        at += 100_000
      },
    })
    return new Response(body, { status: range && ranges ? 206 : 200, headers: { 'beatbook-server': server } })
  },
})

async function read(offset: number, length: number): Promise<Uint8Array> {
  const { data } = await new MapPieces((await mapOnPhone())!).getBytes(offset, length)
  return new Uint8Array(data)
}

test('a map that has come reads as the one file it is, across its pieces', async () => {
  const heard: number[] = []
  await fetchMap(OFFER, (have) => heard.push(have), NEVER)
  assert.deepEqual(heard, [PIECE, 2 * PIECE, FILE.length])
  for (const [offset, length] of [
    [0, 127],
    [PIECE - 3, 7],
    [PIECE - 1, PIECE + 2],
    [FILE.length - 5, 5],
  ] as const)
    assert.deepEqual(await read(offset, length), FILE.slice(offset, offset + length))
  assert.equal((await read(FILE.length - 5, 500)).length, 5)
})

test('a lost signal costs a piece at most, and the rest is asked for', async () => {
  breaksAfter = PIECE + 300_000
  await assert.rejects(
    fetchMap(OFFER, () => undefined, NEVER),
    /The signal was lost/,
  )
  assert.equal((await mapOnPhone())!.have, PIECE)
  breaksAfter = Infinity
  await fetchMap(OFFER, () => undefined, NEVER)
  assert.deepEqual(asked, [null, `bytes=${PIECE}-`])
  assert.deepEqual(await read(0, FILE.length), FILE)
})

test('a server without ranges, and a newer map, begin again', async () => {
  breaksAfter = PIECE + 300_000
  await assert.rejects(fetchMap(OFFER, () => undefined, NEVER))
  breaksAfter = Infinity
  ranges = false
  await fetchMap(OFFER, () => undefined, NEVER)
  assert.deepEqual(await read(0, FILE.length), FILE)
  await fetchMap({ ...OFFER, version: 'v2' }, () => undefined, NEVER)
  assert.equal(asked.at(-1), null)
  assert.equal((await mapOnPhone())!.version, 'v2')
})

test('what is not our server’s is no map', async () => {
  server = 'a hotel'
  await assert.rejects(
    fetchMap(OFFER, () => undefined, NEVER),
    /no map/,
  )
  assert.equal(await mapOnPhone(), null)
})

test('a phone without room says so before it begins', async () => {
  const storage = { estimate: async () => ({ quota: 300 * 1024 * 1024, usage: 299 * 1024 * 1024 }) }
  Object.defineProperty(navigator, 'storage', { value: storage, configurable: true })
  await assert.rejects(
    fetchMap(OFFER, () => undefined, NEVER),
    /no room/,
  )
  Object.defineProperty(navigator, 'storage', { value: undefined, configurable: true })
  assert.deepEqual(asked, [])
})

test('a deleted map is gone', async () => {
  await fetchMap(OFFER, () => undefined, NEVER)
  await deleteMap()
  assert.equal(await mapOnPhone(), null)
})

test('a place comes back from the picture of the world where it was', () => {
  const cathedral = { latitude: 51.27982, longitude: 1.08279 }
  const { x, y } = toPixel(cathedral, 15)
  assert.deepEqual([Math.floor(x / 256), Math.floor(y / 256)], [16482, 10929])
  assert.ok(distance(fromPixel({ x, y }, 15), cathedral) < 0.01)
  assert.ok(Math.abs(metresAPixel(51.28, 17) - 0.747) < 0.01)
})

test('lines are close enough to help and far enough apart to see between', () => {
  for (let zoom = 9; zoom <= 19; zoom += 1) {
    const pixels = spacing(zoom) / metresAPixel(51.28, zoom)
    assert.ok(pixels > 30 && pixels < 600, `${pixels} pixels at zoom ${zoom}`)
  }
  assert.deepEqual(
    [17, 16, 13, 12].map((z) => labelSpacing({ x: 16482 * 2 ** (z - 15), y: 10929 * 2 ** (z - 15), z })),
    [100, 1000, 1000, 10_000],
  )
  assert.deepEqual([0.3, 3, 6, 24, 70].map(roundMetres), [1, 5, 5, 20, 100])
})
