/** Something the form works out by itself; shown only when it has a name to show it under. */
import { dayAndTime } from '../ui/time.ts'
import { answerAt, type QuestionProps } from './sheet.ts'
import { looksLike } from './text.tsx'

export function CalculateField({ field, path, sheet }: QuestionProps) {
  const value = answerAt(sheet.answers, path)
  if (!field.label || value === undefined || value === null || value === '') return null
  return (
    <div class={`question worked-out ${looksLike(field.appearance, 'pinned') ? 'pinned' : ''}`} data-path={path}>
      <span>{field.label}</span>
      <strong>{field.choices?.find((choice) => choice.name === value)?.label ?? inWords(value)}</strong>
      {field.hint && <span class="quiet small">{field.hint}</span>}
    </div>
  )
}

function inWords(value: unknown): string {
  const text = String(value)
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? dayAndTime(text) : text
}
