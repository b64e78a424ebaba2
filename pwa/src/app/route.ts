/** Screens are what stands after '#' in the address, so that opening any of them offline is opening the one page. */
import { useEffect, useState } from 'preact/hooks'

/** '#/record/0193…' is ['record', '0193…']; home is []. */
export function useRoute(): string[] {
  const [hash] = useState(() => location.hash)
  const [route, setRoute] = useState(read)
  useEffect(() => {
    const changed = () => setRoute(read())
    addEventListener('hashchange', changed)
    if (location.hash !== hash) changed() // it may have changed between the first drawing and now
    return () => removeEventListener('hashchange', changed)
  }, [])
  return route
}

export function go(path: string): void {
  location.hash = path
}

/** Goes there without leaving the present screen behind the Back key. */
export function goInstead(path: string): void {
  location.replace(`#${path}`)
}

function read(): string[] {
  return location.hash.replace(/^#\/?/, '').split('/').filter(Boolean).map(decoded)
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step)
  } catch {
    return step // an address somebody mistyped is no reason to show nothing
  }
}
