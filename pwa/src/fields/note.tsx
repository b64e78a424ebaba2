/** Something the form says rather than asks: in passing, to be read out, as a stop, with the two numbers for danger, or
    with a way to another form. */
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import type { QuestionProps } from './sheet.ts'
import { looksLike } from './text.tsx'

export function NoteField({ field, path, sheet }: QuestionProps) {
  if (looksLike(field.appearance, 'say')) return <Say path={path} label={field.label} words={field.hint ?? ''} />
  if (looksLike(field.appearance, 'stop')) return <Stop path={path} label={field.label} words={field.hint ?? ''} />
  const isDanger = looksLike(field.appearance, 'emergency')
  if (field.opens)
    return (
      <div class="question leads-on" data-path={path}>
        {field.hint && <p class="hint">{field.hint}</p>}
        <Button kind="large" icon="file-plus" onPress={() => sheet.openForm(field, path)}>
          {field.label}
        </Button>
      </div>
    )
  return (
    <div class={`question told ${isDanger ? 'danger-card' : ''}`} data-path={path}>
      <strong>{field.label}</strong>
      {field.hint && <p>{field.hint}</p>}
      {isDanger && (
        <p class="buttons">
          <a class="button danger large" href="tel:999">
            <Icon name="phone" />
            Call 999
          </a>
          <a class="button large" href="tel:101">
            <Icon name="phone" />
            Call 101
          </a>
        </p>
      )}
    </div>
  )
}

/** Words to be read out, at arm's length and in the rain. */
export function Say({ path, label, words }: { path: string; label: string; words: string }) {
  return (
    <div class="question say" data-path={path}>
      <p class="say-label">
        <Icon name="megaphone" />
        {label}
      </p>
      <blockquote>{words}</blockquote>
    </div>
  )
}

/** Why it does not go on this way. */
export function Stop({ path, label, words }: { path: string; label: string; words: string }) {
  return (
    <div class="question shut" data-path={path} role="status">
      <Icon name="hand" />
      <p>
        <strong>{label}</strong>
        {words}
      </p>
    </div>
  )
}
