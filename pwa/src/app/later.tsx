/** Screens that are fetched when somebody first goes there: the first load stays small, and the service worker has them anyway. */
import type { FunctionComponent } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { reportTrouble } from './trouble.tsx'

/** A component that stands for one that is not loaded yet, and is nothing until then. */
export function later<Props extends object>(load: () => Promise<FunctionComponent<Props>>): FunctionComponent<Props> {
  let loaded: FunctionComponent<Props> | undefined
  return function Later(props: Props) {
    const [, redraw] = useState(0)
    useEffect(() => {
      if (loaded) return
      load().then((component) => {
        loaded = component
        redraw(1)
      }, reportTrouble)
    }, [])
    const Screen = loaded
    return Screen ? <Screen {...props} /> : null
  }
}
