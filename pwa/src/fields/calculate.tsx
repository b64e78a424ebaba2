/** Something the form works out by itself; shown only when it has a name to show it under. */
import { wordsOf } from '../forms/answers.ts'
import { dayAndTime } from '../ui/time.ts'
import { Say, Stop } from './note.tsx'
import { answerAt, type QuestionProps } from './sheet.ts'
import { looksLike } from './text.tsx'

export function CalculateField({ field, path, sheet }: QuestionProps) {
  const value = answerAt(sheet.answers, path)
  if (!field.label || value === undefined || value === null || value === '') return null
  const says = inWords(wordsOf(field, { [field.name]: value }, {}))
  if (looksLike(field.appearance, 'say')) return <Say path={path} label={field.label} words={says} />
  if (looksLike(field.appearance, 'stop')) return <Stop path={path} label={field.label} words={says} />
  return (
    <div class={`question worked-out ${looksLike(field.appearance, 'pinned') ? 'pinned' : ''}`} data-path={path}>
      <span>{field.label}</span>
      <strong>{says}</strong>
      {field.hint && <span class="quiet small">{field.hint}</span>}
    </div>
  )
}

function inWords(text: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? dayAndTime(text) : text
}
