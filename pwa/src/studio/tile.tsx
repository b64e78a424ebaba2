/** The large button of pupils' screens: a picture, one or two words below it, and never smaller than 128 pixels. */
import type { ComponentChildren } from 'preact'
import { Icon } from '../ui/icons.tsx'

interface Props {
  words: string
  onPress: () => unknown
  icon?: string
  /** A drawn picture instead of an icon. */
  children?: ComponentChildren
  /** For one of several: whether it is the chosen one. */
  chosen?: boolean
  disabled?: boolean
  kind?: 'plain' | 'go'
  class?: string
  label?: string
}

export function Tile({ words, onPress, icon, children, chosen, disabled, kind = 'plain', class: extra = '', label }: Props) {
  return (
    <button
      type="button"
      class={`slab ${kind} ${extra}`}
      onClick={() => onPress()}
      aria-pressed={chosen}
      aria-disabled={disabled || undefined}
      aria-label={label}
    >
      {children ?? <Icon name={icon} />}
      <span class="words">{words}</span>
    </button>
  )
}
