/** Where the open record is: follows the phone while that is still the place of what was seen, then keeps still. */
import { watchPlace } from '../place.ts'
import type { Draft, Location } from '../types.ts'

const SAME_SPOT = 10 * 60_000 // ms; after that a better fix is the place of the walk home

export class DraftPlace {
  words = 'Looking for place…'
  latest: Location | null = null
  private followsUntil: number
  private readonly found: (fix: Location) => void
  readonly stop: () => void

  /** A correction keeps the place of the first report, a record carried on at the depot its own, and a chosen place stays chosen. */
  constructor(draft: Draft, found: (fix: Location) => void, changed: () => void) {
    this.found = found
    const follows = draft.replaces === null && (draft.location === null || draft.location.source === 'gps')
    this.followsUntil = follows ? Date.parse(draft.startedAt) + SAME_SPOT : 0
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

  /** The person has said where it was: from now on the phone may walk away. What it answers takes that back. */
  keepStill(): () => void {
    const before = this.followsUntil
    this.followsUntil = 0
    return () => {
      this.followsUntil = before
    }
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
