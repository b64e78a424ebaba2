/** Buttons: one primary per screen, the rest quieter; all ignore a bounced tap. */
import type { ComponentChildren } from 'preact'
import { Icon } from './icons.tsx'
import { usePress } from './press.ts'

interface Props {
  onPress: () => unknown
  children?: ComponentChildren
  icon?: string
  kind?: 'primary' | 'danger' | 'large' | ''
  class?: string
  describedBy?: string
  label?: string
}

export function Button({ onPress, children, icon, kind = '', class: extra = '', describedBy, label }: Props) {
  const press = usePress(onPress)
  return (
    <button
      type="button"
      class={`button ${kind} ${extra}`}
      onClick={press}
      aria-describedby={describedBy}
      aria-label={label}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  )
}

export function LinkButton({ onPress, children, icon, kind = '', label }: Props) {
  const press = usePress(onPress)
  return (
    <button type="button" class={`link-button ${kind}`} onClick={press} aria-label={label}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  )
}
