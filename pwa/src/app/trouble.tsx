/** When something fails that no screen expected: said once, at the top, in the words it came with. */
import { useEffect, useState } from 'preact/hooks'
import { LinkButton } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'

const listeners = new Set<(words: string) => void>()

export function reportTrouble(error: unknown): void {
  console.error(error)
  for (const listener of listeners) listener(sentence(error))
}

/** A sentence for the person: ours when it is one of ours, else a plain one that promises nothing. */
export function sentence(error: unknown): string {
  const ours =
    error instanceof Error && error.name !== 'Error' && error.name !== 'TypeError' && !(error instanceof DOMException)
  return ours
    ? error.message
    : 'Something went wrong on this phone. What was saved before is safe. Close Beatbook and open it again.'
}

export function Trouble() {
  const [said, setSaid] = useState<string>()
  useEffect(() => {
    listeners.add(setSaid)
    return () => void listeners.delete(setSaid)
  }, [])
  if (!said) return null
  return (
    <Notice
      tone="attention"
      icon="triangle-alert"
      live
      action={<LinkButton onPress={() => setSaid(undefined)}>Hide</LinkButton>}
    >
      {said}
    </Notice>
  )
}
