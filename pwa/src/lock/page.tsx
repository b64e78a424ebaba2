/** The page of the lock: one thing to do, and in words that nothing is lost by it. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { useStatus } from '../app/stored.ts'
import { Trouble } from '../app/trouble.tsx'
import { Icon } from '../ui/icons.tsx'
import { count } from '../ui/words.ts'
import './lock.css'

interface Props {
  title: string
  /** Below the title: why, or what went wrong. */
  said?: ComponentChildren
  wrong?: boolean
  children: ComponentChildren
}

export function LockPage({ title, said, wrong = false, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null)
  const { waiting, sending } = useStatus()
  const unsent = waiting + sending
  useEffect(() => {
    document.title = 'Beatbook'
    heading.current?.focus({ preventScroll: true })
  }, [title])
  return (
    <div class="lock-page">
      <header class="lock-bar">
        <Icon name="notebook-pen" />
        Beatbook
      </header>
      <main class="lock-main">
        <Trouble />
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <p class={`lock-said ${wrong ? 'wrong' : ''}`} role="status">
          {said}
        </p>
        {children}
      </main>
      {unsent > 0 && (
        <footer class="lock-unsent">
          <Icon name="cloud-upload" />
          <p>
            {count(unsent, 'record')} not sent yet. {unsent === 1 ? 'It goes by itself' : 'They go by themselves'}, locked or
            not.
          </p>
        </footer>
      )}
    </div>
  )
}
