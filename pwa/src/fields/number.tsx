/** Whole and decimal numbers, on the phone's keypad. */
import { useState } from 'preact/hooks'
import { boxAttributes, Question } from './question.tsx'
import { looksLike } from './text.tsx'
import { answerAt, type QuestionProps } from './sheet.ts'

export function NumberField(props: QuestionProps) {
  const { field, path, sheet } = props
  const value = answerAt(sheet.answers, path)
  const [typed, setTyped] = useState(() => String(value ?? ''))
  if (looksLike(field.appearance, 'sequence')) return <Sequence {...props} value={value} />
  const shown = read(typed, field.type) === value ? typed : String(value ?? '')
  return (
    <Question {...props} controls="one">
      {looksLike(field.appearance, 'money') && (
        <span class="pound" aria-hidden="true">
          £
        </span>
      )}
      <input
        type="text"
        class="box number"
        inputMode={field.type === 'integer' ? 'numeric' : 'decimal'}
        autoComplete="off"
        {...boxAttributes(props)}
        value={shown}
        onInput={(event) => {
          const text = event.currentTarget.value
          setTyped(text)
          sheet.change(path, read(text, field.type))
        }}
      />
    </Question>
  )
}

/** A number without gaps is given when the record is finished: one that is thrown away before leaves none behind. */
function Sequence({ field, path, value }: QuestionProps & { value: unknown }) {
  return (
    <div class="question worked-out" data-path={path}>
      <span>{field.label}</span>
      <strong>{value === undefined ? 'The next number, when you finish' : String(value)}</strong>
    </div>
  )
}

/** What is no number stays as typed, so that the form can say so in its own words and nothing is lost. */
function read(text: string, type: string): unknown {
  const plain = text.trim().replace(',', '.')
  if (plain === '') return undefined
  return (type === 'integer' ? /^-?\d+$/ : /^-?\d*\.?\d+$/).test(plain) ? Number(plain) : text
}
