/** The frame of every pupils' screen: the same four large buttons at the left, one question, its pictures. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { usePress } from '../ui/press.ts'
import { Icon } from '../ui/icons.tsx'
import { hush, onVoices, readAloud, voice } from './speech.ts'
import { words } from './words.ts'

interface Props {
  title: string
  /** A second, smaller line. */
  line?: string
  /** What a voice reads: the title and every choice on the screen. */
  read?: string[]
  /** Which footprint of the way we are at, of how many. */
  at?: [number, number]
  onBack?: (() => unknown) | undefined
  onCross?: () => unknown
  onGrownUp?: (() => unknown) | undefined
  class?: string
  children: ComponentChildren
}

export function Stage({ title, line, read = [], at, onBack, onCross, onGrownUp, class: kind = '', children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null)
  const [saying, setSaying] = useState('')
  const [hasVoice, setHasVoice] = useState(() => voice() !== null)
  useEffect(() => onVoices(() => setHasVoice(voice() !== null)), [])
  useEffect(() => {
    document.title = title
    heading.current?.focus({ preventScroll: true })
    return hush
  }, [title])
  return (
    <div class={`stage ${kind}`} data-saying={saying}>
      <nav class="rail" aria-label="Always here">
        {onBack ? <RailButton icon="undo-2" words={words.back} onPress={onBack} /> : <span />}
        {hasVoice ? (
          <RailButton icon="ear" words={words.listen} onPress={() => readAloud([title, ...read], setSaying)} />
        ) : (
          <span />
        )}
        {onCross ? <RailButton icon="hand" class="calm" words={words.stepBack} onPress={onCross} /> : <span />}
        {onGrownUp ? <RailButton icon="lock" words={words.grownUp} onPress={onGrownUp} /> : <span />}
      </nav>
      <main class="scene-page">
        <header class="asks-pupils">
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {line && <p>{line}</p>}
          {at && <Footprints at={at[0]} of={at[1]} />}
        </header>
        {children}
      </main>
    </div>
  )
}

function RailButton({
  icon,
  words: said,
  onPress,
  class: kind = '',
}: {
  icon: string
  words: string
  onPress: () => unknown
  class?: string
}) {
  const press = usePress(onPress)
  return (
    <button type="button" class={`rail-button ${kind}`} onClick={press}>
      <Icon name={icon} />
      {said}
    </button>
  )
}

/** How far the walk to the ticket is. */
function Footprints({ at, of }: { at: number; of: number }) {
  return (
    <span class="footprints" aria-hidden="true">
      {Array.from({ length: of }, (_, step) => (
        <Icon key={step} name="footprints" class={step < at ? 'walked' : ''} />
      ))}
    </span>
  )
}

interface TileProps {
  picture: ComponentChildren
  words: string
  onPress: () => unknown
  chosen?: boolean
  /** Whether it can be on and off, as one of several. */
  several?: boolean
  class?: string
}

export function Tile({ picture, words: said, onPress, chosen = false, several = false, class: kind = '' }: TileProps) {
  const press = usePress(onPress)
  return (
    <button
      type="button"
      class={`tile ${kind} ${chosen ? 'chosen' : ''}`}
      onClick={press}
      aria-pressed={several ? chosen : undefined}
    >
      <span class="tile-picture">{picture}</span>
      <span class="tile-words">{said}</span>
      {chosen && (
        <span class="tile-tick">
          <Icon name="check" />
        </span>
      )}
    </button>
  )
}

export function BigButton({
  children,
  icon,
  onPress,
  class: kind = '',
}: {
  children: ComponentChildren
  icon?: string
  onPress: () => unknown
  class?: string
}) {
  const press = usePress(onPress)
  return (
    <button type="button" class={`big-button ${kind}`} onClick={press}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  )
}
