/** Questions that belong together, under a heading; rare ones are folded away until asked for. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { Icon } from '../ui/icons.tsx'
import type { QuestionProps } from './sheet.ts'
import { looksLike } from './text.tsx'

type Props = QuestionProps & { children: ComponentChildren }

export function GroupField(props: Props) {
  const { field, path, children } = props
  if (looksLike(field.appearance, 'collapsed')) return <Folded {...props} />
  return (
    <section class="section" data-path={path}>
      {field.label && <h2>{field.label}</h2>}
      {field.hint && <p class="quiet">{field.hint}</p>}
      {children}
    </section>
  )
}

/** Opens by itself when something inside is wrong, and stays open: it must not shut over the answer being mended. */
function Folded({ field, path, sheet, children }: Props) {
  const [open, setOpen] = useState(false)
  const names = field.fields?.map((inner) => inner.name) ?? []
  const wrong = Object.keys(sheet.problems).some((name) => names.includes(name.split('/').at(-1)!))
  if (wrong && !open) setOpen(true)
  return (
    <details class="section" data-path={path} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {field.label}
        <Icon name="chevron-down" />
      </summary>
      <div class="inside">
        {field.hint && <p class="quiet">{field.hint}</p>}
        {children}
      </div>
    </details>
  )
}
