/** Questions that belong together, under a heading; rare ones are folded away until asked for. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Choice, Field } from '../types.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { answerAt, type QuestionProps } from './sheet.ts'
import { looksLike } from './text.tsx'

type Props = QuestionProps & { children: ComponentChildren }

export function GroupField(props: Props) {
  const { field, path, children } = props
  if (looksLike(field.appearance, 'collapsed')) return <Folded {...props} />
  return (
    <section class="section" data-path={path}>
      {field.label && <h2>{field.label}</h2>}
      {field.hint && <p class="quiet">{field.hint}</p>}
      {looksLike(field.appearance, 'usual') ? <Usual {...props} /> : children}
    </section>
  )
}

/** One tap says what all of its questions most often say. Its words, or the questions below it, are read first; then they fold. */
function Usual({ field, sheet, children }: Props) {
  const asked = (field.fields ?? []).flatMap((inner) => {
    const choice = inner.choices?.find((each) => each.name === inner.usual)
    return choice ? [{ inner, choice }] : []
  })
  const isSaid = asked.every(({ inner, choice }) => answerAt(sheet.answers, inner.name) === choice.name)
  const say = () => asked.forEach(({ inner, choice }) => sheet.change(inner.name, choice.name))
  return (
    <div class="usual">
      <Button icon={isSaid ? 'check' : undefined} class={isSaid ? 'is-said' : ''} onPress={say}>
        {usualWords(asked)}
      </Button>
      {isSaid ? (
        <details>
          <summary>Change one</summary>
          {children}
        </details>
      ) : (
        children
      )}
    </div>
  )
}

function usualWords(asked: { inner: Field; choice: Choice }[]): string {
  const same = asked.every(({ choice }) => choice.label === asked[0]?.choice.label)
  if (same) return `${asked[0]?.choice.label} to all ${asked.length}`
  return (
    asked
      .map(({ inner, choice }) => (/^(Yes|No)$/.test(choice.label) ? `${inner.label} ${choice.label}` : choice.label))
      .join('. ') + '.'
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
