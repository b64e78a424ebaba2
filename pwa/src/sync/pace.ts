/** How much to send at once and how long to wait after a failure. */

const FIRST = 128 * 1024 // one record and a small photo: little is lost if the link breaks
const SMALLEST = 16 * 1024
const LARGEST = 4 * 1024 * 1024
const QUICK = 3_000 // ms: a request this fast may be twice as large next time

const FIRST_WAIT = 5_000
const LONGEST_WAIT = 300_000

/** The size of the next request: grows while the link is quick, halves when it fails. */
export class Pace {
  size = FIRST

  succeeded(took: number): void {
    if (took < QUICK) this.size = Math.min(LARGEST, this.size * 2)
  }

  failed(): void {
    this.size = Math.max(SMALLEST, this.size / 2)
  }
}

/** Doubles from 5 s to 5 min, each between half and whole, so that thirty tablets do not come back at once. */
export function backOff(failures: number, random: number = Math.random()): number {
  const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.max(0, failures - 1))
  return longest * (0.5 + random / 2)
}

/** As many from the front as fit, and always one. */
export function batch<T>(items: T[], sizeOf: (item: T) => number, size: number, most: number): T[] {
  const taken: T[] = []
  let total = 0
  for (const item of items) {
    total += sizeOf(item)
    if (taken.length > 0 && (total > size || taken.length >= most)) break
    taken.push(item)
  }
  return taken
}
