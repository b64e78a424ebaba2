/** What stands around every answer: the question, its hint, and what is wrong with the answer. */
import type { ComponentChildren } from 'preact'
import { Below, describedBy } from '../ui/below.tsx'
import { words } from '../ui/words.ts'
import { idOf, type QuestionProps } from './sheet.ts'

interface Props extends QuestionProps {
  /** 'one' when the label belongs to a single box, 'several' when the question names a group of controls. */
  controls: 'one' | 'several'
  children: ComponentChildren
}

export function Question({ field, path, sheet, controls, children }: Props) {
  const id = idOf(path)
  const problem = sheet.problems[path]
  const optional = !field.readOnly && !sheet.isRequired(field, path)
  const asks = (
    <>
      {field.label} {optional && <span class="optional">({words.optional})</span>}
    </>
  )
  const below = (
    <>
      <Below id={id} hint={field.hint} problem={problem} />
      <div class="answer">{children}</div>
    </>
  )
  const look = `question ${problem ? 'wrong' : ''}`
  if (controls === 'several') {
    return (
      <fieldset class={look} data-path={path} aria-describedby={describedBy({ id, hint: field.hint, problem })}>
        <legend class="asks">{asks}</legend>
        {below}
      </fieldset>
    )
  }
  return (
    <div class={look} data-path={path}>
      <label class="asks" for={id}>
        {asks}
      </label>
      {below}
    </div>
  )
}

/** The attributes of a box that answers by itself. */
export function boxAttributes({ field, path, sheet }: QuestionProps) {
  const id = idOf(path)
  const problem = sheet.problems[path]
  return {
    id,
    'aria-describedby': describedBy({ id, hint: field.hint, problem }),
    'aria-invalid': problem ? (true as const) : undefined,
    'aria-required': sheet.isRequired(field, path) || undefined,
    readOnly: field.readOnly || undefined,
    enterKeyHint: 'next' as const,
  }
}
