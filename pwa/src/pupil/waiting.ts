/** How long everybody waits after a wrong PIN. */
import type { Tries } from '../store/patrols.ts'

const FREE = 3 // wrong ones before the first wait
const FIRST_WAIT = 30_000
const LONGEST_WAIT = 10 * 60_000

/** Three free tries, then half a minute, doubled by each further one. */
export function after({ wrong }: Tries, now: number): Tries {
  const more = wrong + 1
  const wait = more < FREE ? 0 : Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (more - FREE))
  return { wrong: more, until: wait ? now + wait : 0 }
}
