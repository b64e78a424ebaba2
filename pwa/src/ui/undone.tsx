/** "Removed. Undo", in the place of what was removed; it stays until the next action, never until a timer runs out. */
import { useEffect, useRef } from 'preact/hooks'
import { LinkButton } from './button.tsx'
import { words } from './words.ts'

interface Props {
  what?: string
  onUndo: () => unknown
}

export function Undone({ what = words.removed, onUndo }: Props) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // The button that was pressed has just gone; without this the keyboard would start again at the top of the page.
    if (document.activeElement === document.body) box.current?.querySelector('button')?.focus({ preventScroll: true })
  }, [])
  return (
    <div class="undone" ref={box}>
      <span role="status">{what}</span>
      <LinkButton icon="undo-2" onPress={onUndo}>
        {words.undo}
      </LinkButton>
    </div>
  )
}
