/** Something over the whole page until it is done with: the browser keeps the focus in it, and Back and Escape close it. */
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { Button } from './button.tsx'
import '../style/over.css'

interface Props {
  title: string
  onClose: () => unknown
  /** The one bar of buttons below. */
  bottom?: ComponentChildren
  /** What fills the space itself instead of scrolling: a picture, a map. */
  full?: boolean
  children: ComponentChildren
}

export function Over({ title, onClose, bottom, full = false, children }: Props) {
  const box = useRef<HTMLDialogElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const id = useId()
  useEffect(() => {
    const before = document.activeElement
    box.current?.showModal()
    heading.current?.focus()
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true })
    }
  }, [])
  return (
    <dialog
      ref={box}
      class="over"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault() // the page takes it away, so that what is open and what is drawn never differ
        onClose()
      }}
      onClose={onClose} // a browser that has been held back once closes it by itself the next time
    >
      <div class="over-bar">
        <h2 id={id} ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <Button icon="x" class="icon-only" label="Close" onPress={onClose} />
      </div>
      <div class={full ? 'over-full' : 'over-page'}>{children}</div>
      {bottom && <div class="over-bottom">{bottom}</div>}
    </dialog>
  )
}
