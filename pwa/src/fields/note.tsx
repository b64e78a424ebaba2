/** Something the form says rather than asks; it may lead to another form. */
import { Button } from '../ui/button.tsx'
import type { QuestionProps } from './sheet.ts'

export function NoteField({ field, path, sheet }: QuestionProps) {
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
    <div class="question told" data-path={path}>
      <strong>{field.label}</strong>
      {field.hint && <p>{field.hint}</p>}
    </div>
  )
}
