/** Screens that are not part of the first load; the service worker holds them all the same, so they open with no signal. */
import type { FunctionComponent } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { reportTrouble } from './trouble.tsx'

/** The screen that `load` brings, at once from the second time on. */
export function later<P extends object>(load: () => Promise<FunctionComponent<P>>): FunctionComponent<P> {
  let Loaded: FunctionComponent<P> | null = null
  return function Later(props: P) {
    const [, setReady] = useState(Loaded !== null)
    useEffect(() => {
      if (Loaded) return
      load().then((screen) => {
        Loaded = screen
        setReady(true)
      }, reportTrouble)
    }, [])
    return Loaded ? <Loaded {...props} /> : null
  }
}
