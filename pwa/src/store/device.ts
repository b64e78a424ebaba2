/** The phone as a place to keep things: whose it is, how full it is, and whether its storage was cleared behind our back. */
import type { StorageReport } from '../types.ts'
import { meta, setMeta, write } from './database.ts'
import { newId } from './ids.ts'
import { StoreFull } from './problems.ts'
import { unsentReport } from './records.ts'

const COOKIE = 'beatbook-marker'
const RESERVE = 4 * 1024 * 1024 // bytes: room to note what became of some hundred records, as wasteful as browsers' logs are
const RANDOM_AT_ONCE = 65_536 // the most crypto.getRandomValues() gives
const COOKIE_DAYS = 400 // the longest browsers allow

export const MARKER_CLEARED = 'cleared' // the marker of a phone that the office had told to clear itself

let beenHere = false

/** Whether this browser used Beatbook before this start, whatever its store says. */
export function usedBefore(): boolean {
  return beenHere
}

/** A marker in a cookie and one in the store: the first without the second means that the store was cleared. */
export async function mark(): Promise<void> {
  if (typeof document === 'undefined') return
  const found = markerCookie()
  const cookie = found === MARKER_CLEARED ? null : found // cleared on purpose, and nothing was lost by it
  const kept = await meta<string>('marker')
  beenHere = cookie !== null
  if (cookie && !kept && !isFreshHomeScreenApp()) await setMeta('wiped', 'to be reported')
  else if ((await meta('wiped')) === 'reported') await setMeta('wiped', null)
  if (found === MARKER_CLEARED && !kept) return // until the office has heard of it: see clearedIsSaid()
  const marker = kept ?? cookie ?? newId()
  if (!kept) await setMeta('marker', marker)
  setMarker(marker)
}

export function setMarker(marker: string): void {
  setCookie(marker, COOKIE_DAYS * 86_400)
}

/** Whether this phone was cleared and the office may not have heard of it. */
export function clearedNotSaid(): boolean {
  return typeof document !== 'undefined' && markerCookie() === MARKER_CLEARED
}

export function clearedIsSaid(): void {
  setCookie('', 0)
}

function setCookie(value: string, seconds: number): void {
  if (typeof document === 'undefined') return
  const secure = globalThis.location?.protocol === 'https:' ? '; secure' : ''
  document.cookie = `${COOKIE}=${value}; max-age=${seconds}; path=/; samesite=strict${secure}`
}

/** Sets a little space aside. On a phone that is quite full nothing could be sent otherwise, for sending has to be noted too. */
export async function keepReserve(): Promise<void> {
  if (await meta('reserve')) return
  try {
    await setMeta('reserve', incompressible(RESERVE))
  } catch (error) {
    if (!(error instanceof StoreFull)) throw error // full already: there is nothing to set aside
  }
}

/** Answers whether there was a reserve to spend. */
export async function spendReserve(): Promise<boolean> {
  return write(['meta'], async (tx) => {
    const kept = await tx.objectStore('meta').getKey('reserve')
    if (kept) await tx.objectStore('meta').delete('reserve')
    return kept !== undefined
  })
}

/** The server has been told that the store was cleared; the person is, until the next start. */
export async function wipeReported(): Promise<void> {
  if ((await meta('wiped')) === 'to be reported') await setMeta('wiped', 'reported')
}

export async function storageReport(): Promise<StorageReport> {
  const { unsent, oldestUnsentAt } = await unsentReport()
  return {
    persisted:
      (await storage()
        ?.persisted?.()
        .catch(() => null)) ?? null,
    ...(await space()),
    unsent,
    oldestUnsentAt,
    wiped: (await meta('wiped')) !== null,
  }
}

/** Whether the server still has to be told that the store was cleared. */
export async function wipeToReport(): Promise<boolean> {
  return (await meta('wiped')) === 'to be reported'
}

async function space(): Promise<{ usage: number | null; quota: number | null }> {
  const estimate = await storage()
    ?.estimate?.()
    .catch(() => null)
  return { usage: estimate?.usage ?? null, quota: estimate?.quota ?? null }
}

/** Zeros would be stored as next to nothing, and free as much. */
function incompressible(size: number): ArrayBuffer {
  const bytes = new Uint8Array(size)
  for (let at = 0; at < size; at += RANDOM_AT_ONCE) crypto.getRandomValues(bytes.subarray(at, at + RANDOM_AT_ONCE))
  return bytes.buffer
}

/** Missing in old Safari, and outside a browser. */
function storage(): StorageManager | undefined {
  return typeof navigator === 'undefined' ? undefined : navigator.storage
}

/** iOS copies the cookies, and nothing else, when a tab becomes a Home Screen app. */
function isFreshHomeScreenApp(): boolean {
  return (navigator as { standalone?: boolean }).standalone === true
}

function markerCookie(): string | null {
  return /(?:^|; )beatbook-marker=([^;]+)/.exec(document.cookie)?.[1] ?? null
}
