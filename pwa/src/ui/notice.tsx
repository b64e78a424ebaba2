/** Something said on the page that stays until it is dealt with. */
import type { ComponentChildren } from 'preact'
import { Icon } from './icons.tsx'

interface Props {
  tone?: 'quiet' | 'waiting' | 'attention'
  icon?: string
  title?: string
  live?: boolean
  children?: ComponentChildren
  action?: ComponentChildren
}

export function Notice({ tone = 'quiet', icon = 'info', title, live, children, action }: Props) {
  return (
    <div class={`notice tone-${tone}`} role={live ? 'alert' : undefined}>
      <Icon name={icon} />
      <div class="words">
        {title && <strong>{title}</strong>}
        {children}
      </div>
      {action}
    </div>
  )
}
