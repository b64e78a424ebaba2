/** Questions that belong together, under a heading; rare ones are folded away until asked for. */
import type { ComponentChildren } from 'preact'
import { Icon } from '../ui/icons.tsx'
import type { QuestionProps } from './sheet.ts'
import { looksLike } from './text.tsx'

export function GroupField({ field, path, sheet, children }: QuestionProps & { children: ComponentChildren }) {
  if (looksLike(field.appearance, 'collapsed')) {
    const wrong = Object.keys(sheet.problems).some((name) => field.fields?.some((inner) => inner.name === name.split('/').at(-1)))
    return (
      <details class="section" data-path={path} open={wrong || undefined}>
        <summary>{field.label}<Icon name="chevron-down" /></summary>
        <div class="inside">
          {field.hint && <p class="quiet">{field.hint}</p>}
          {children}
        </div>
      </details>
    )
  }
  return (
    <section class="section" data-path={path}>
      {field.label && <h2>{field.label}</h2>}
      {field.hint && <p class="quiet">{field.hint}</p>}
      {children}
    </section>
  )
}
