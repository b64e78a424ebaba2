/** Words typed or spoken into a box; the keyboard's own microphone is the way to speak. */
import type { Field } from '../types.ts'
import { boxAttributes, Question } from './question.tsx'
import { answerAt, type QuestionProps } from './sheet.ts'
import { Suggestions } from './suggestions.tsx'

/** What somebody said is not for a telephone to put right (EV9). */
const AS_TYPED = { autoCorrect: 'off', autoCapitalize: 'off', autoComplete: 'off', spellcheck: false } as const
const LENGTH_IS_NEAR = 0.8 // below this share of the limit, counting down would only distract

export function TextField(props: QuestionProps) {
  const { field, path, sheet } = props
  const value = String(answerAt(sheet.answers, path) ?? '')
  const attributes = {
    ...boxAttributes(props),
    class: 'box',
    value,
    maxLength: field.maxLength,
    ...(looksLike(field.appearance, 'verbatim') && AS_TYPED),
    onInput: (event: Event) => sheet.change(path, kept((event.currentTarget as HTMLInputElement).value, field)),
  }
  return (
    <Question {...props} controls="one">
      {looksLike(field.appearance, 'multiline') ? (
        <textarea autoComplete="off" {...attributes} rows={4} />
      ) : (
        <input type="text" {...attributes} {...keyboard(field.appearance)} />
      )}
      <Suggestions {...props} typed={value} />
      <LeftOver length={value.length} limit={field.maxLength} />
    </Question>
  )
}

/** A number plate is written in one way, so that the same car is found again. */
function kept(typed: string, { appearance }: Field): string {
  return looksLike(appearance, 'plate') ? typed.toUpperCase().replace(/[^A-Z0-9]/g, '') : typed
}

export function looksLike(appearance: string | undefined, word: string): boolean {
  return (appearance ?? '').split(/\s+/).includes(word)
}

function keyboard(appearance: string | undefined) {
  if (looksLike(appearance, 'numbers')) return { inputMode: 'numeric', autoComplete: 'off' } as const
  if (looksLike(appearance, 'capitals') || looksLike(appearance, 'plate'))
    return { autoCapitalize: 'characters', autoComplete: 'off', spellcheck: false } as const
  return { autoComplete: 'off' } as const
}

function LeftOver({ length, limit }: { length: number; limit: number | undefined }) {
  if (!limit || length < limit * LENGTH_IS_NEAR) return null
  const left = limit - length
  return <p class="left-over">{left === 1 ? '1 letter left' : `${left} letters left`}</p>
}
