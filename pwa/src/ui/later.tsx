/** A part of the app that is fetched when it is first wanted, so that the first screen need not carry it. */
import type { FunctionComponent } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Notice } from './notice.tsx'

interface Props<P> {
  load: () => Promise<FunctionComponent<P>>
  given: P
}

/** Nothing until it has come; offline it comes from the phone itself, where the service worker has put every part. */
export function Later<P extends object>({ load, given }: Props<P>) {
  const [Part, setPart] = useState<FunctionComponent<P>>()
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    let wanted = true
    load().then(
      (part) => wanted && setPart(() => part),
      () => wanted && setFailed(true),
    )
    return () => {
      wanted = false
    }
  }, [])
  if (failed)
    return (
      <Notice tone="waiting" icon="wifi-off" live>
        This part of Beatbook has not reached this phone yet. Try again with a signal.
      </Notice>
    )
  return Part ? <Part {...given} /> : null
}
