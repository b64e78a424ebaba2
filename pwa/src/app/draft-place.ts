/** Where the open record is: follows the phone while that is still the place of what was seen, then keeps still. */
import { watchPlace } from '../place.ts'
import type { Draft, Location } from '../types.ts'

const SAME_SPOT = 10 * 60_000 // ms; after that a better fix is the place of the walk home

export class DraftPlace {
  private words = 'Looking for place…'
  private latest: Location | null = null
  private followsUntil: number
  private readonly found: (fix: Location) => void
  readonly stop: () => void

  /** A correction keeps the place of the first report, and a record carried on at the depot keeps its own. */
  constructor(draft: Draft, found: (fix: Location) => void, changed: () => void) {
    this.found = found
    this.followsUntil = draft.replaces === null ? Date.parse(draft.startedAt) + SAME_SPOT : 0
    this.stop = watchPlace((fix, words) => {
      this.words = words
      this.latest = fix
      if (fix && !this.isFixed()) found(fix)
      changed()
    })
  }

  isFixed(): boolean {
    return Date.now() > this.followsUntil
  }

  /** What to say while there is none. */
  inWords(): string {
    return this.isFixed() ? 'No place kept' : this.words
  }

  /** The person says that what was seen is here. */
  useNow(): void {
    this.followsUntil = Date.now() + SAME_SPOT
    if (this.latest) this.found(this.latest)
  }
}
