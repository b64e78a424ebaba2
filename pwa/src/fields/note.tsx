/** Something the form says rather than asks. */
import type { QuestionProps } from './sheet.ts'

export function NoteField({ field, path }: QuestionProps) {
  return (
    <div class="question told" data-path={path}>
      <strong>{field.label}</strong>
      {field.hint && <p>{field.hint}</p>}
    </div>
  )
}
