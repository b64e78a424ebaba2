/** Presses as people mean them: a wet screen taps twice, a person does not do so within a third of a second. */
import { useRef } from 'preact/hooks'

const TWICE = 350 // ms, from the field: two drops of rain, or a finger that bounced

/** The handler, deaf to repeats until it has finished and a moment has passed. */
export function usePress(handler: () => unknown): () => Promise<void> {
  const last = useRef(-Infinity)
  const busy = useRef(false)
  return async () => {
    const now = performance.now()
    if (busy.current || now - last.current < TWICE) return
    last.current = now
    busy.current = true
    try {
      await handler()
    } finally {
      busy.current = false
    }
  }
}
