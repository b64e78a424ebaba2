/** The draft that was removed last, so that Home can offer it back after the form has closed. */
import type { Draft } from '../types.ts'

let last: Draft | null = null

export function putAside(draft: Draft | null): void {
  last = draft
}

export function removedLast(): Draft | null {
  return last
}
