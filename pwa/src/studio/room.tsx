/** A pupils' screen: one heading, what there is to do, and large tiles. No outbox, no settings, nothing else of the product. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Trouble } from '../app/trouble.tsx'
import { Icon } from '../ui/icons.tsx'
import { Tile } from './tile.tsx'
import { say } from './words.ts'

interface Props {
  title: string
  /** Where the arrow leads, or what it does. */
  back?: string | (() => unknown)
  help?: string
  /** What else stands under the heading. */
  below?: ComponentChildren
  actions?: ComponentChildren
  children: ComponentChildren
}

export function Room({ title, back, help, below, actions, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} - Beatbook`
    scrollTo(0, 0)
    heading.current?.focus({ preventScroll: true })
  }, [title])
  return (
    <div class="room">
      <header class="room-top">
        {typeof back === 'function' && <Tile words={say.back} icon="arrow-left" onPress={back} />}
        {typeof back === 'string' && (
          <a class="slab plain" href={`#${back}`}>
            <Icon name="arrow-left" />
            <span class="words">{say.back}</span>
          </a>
        )}
        <div class="room-title">
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {help && <p>{help}</p>}
          {below}
        </div>
        {actions}
      </header>
      <main class="room-main">
        <Trouble />
        {children}
      </main>
    </div>
  )
}
