/** Numbers of notices: made on this phone and never twice, for no other has its code and a number is kept before it is used. */
import type { Device } from '../types.ts'
import { write } from './database.ts'

/** 'L-26-04-0117': prefix, year, this device's code, a running number. Null before the office has given the code. */
export async function nextNotice(prefix: string, at: Date): Promise<string | null> {
  return write(['meta'], async (tx) => {
    const store = tx.objectStore('meta')
    const code = ((await store.get('device')) as Device | undefined)?.code
    if (!code) return null
    const kept = (await store.get('notices')) as { code: string; last: number } | undefined
    const last = (kept?.code === code ? kept.last : 0) + 1 // a new code begins a new pad
    await store.put({ code, last }, 'notices')
    return [prefix, String(at.getFullYear()).slice(2), code, String(last).padStart(4, '0')].join('-')
  })
}
