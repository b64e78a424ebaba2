/** The phone as a place to keep things: whose it is, how full it is, and whether its storage was cleared behind our back. */
import type { StorageReport } from '../types.ts'
import { meta, setMeta } from './database.ts'
import { newId } from './ids.ts'
import { unsentReport } from './records.ts'

const COOKIE = 'beatbook-marker'
const COOKIE_DAYS = 400 // the longest browsers allow

let beenHere = false

/** Whether this browser used Beatbook before this start, whatever its store says. */
export function usedBefore(): boolean {
  return beenHere
}

/** A marker in a cookie and one in the store: the first without the second means that the store was cleared. */
export async function mark(): Promise<void> {
  if (typeof document === 'undefined') return
  const cookie = markerCookie()
  const kept = await meta<string>('marker')
  beenHere = cookie !== null
  if (cookie && !kept && !isFreshHomeScreenApp()) await setMeta('wiped', true)
  const marker = kept ?? cookie ?? newId()
  if (!kept) await setMeta('marker', marker)
  document.cookie = `${COOKIE}=${marker}; max-age=${COOKIE_DAYS * 86_400}; path=/; samesite=strict`
}

export async function storageReport(): Promise<StorageReport> {
  const { unsent, oldestUnsentAt } = await unsentReport()
  const storage = typeof navigator === 'undefined' ? undefined : (navigator.storage as StorageManager | undefined)
  const estimate = await storage?.estimate?.().catch(() => null)
  return {
    persisted: (await storage?.persisted?.().catch(() => null)) ?? null,
    usage: estimate?.usage ?? null,
    quota: estimate?.quota ?? null,
    unsent,
    oldestUnsentAt,
    wiped: (await meta<boolean>('wiped')) ?? false,
  }
}

/** iOS copies the cookies, and nothing else, when a tab becomes a Home Screen app. */
function isFreshHomeScreenApp(): boolean {
  return (navigator as { standalone?: boolean }).standalone === true
}

function markerCookie(): string | null {
  return /(?:^|; )beatbook-marker=([^;]+)/.exec(document.cookie)?.[1] ?? null
}
