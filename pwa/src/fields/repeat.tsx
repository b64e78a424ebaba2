/** The same questions for each of several things: people, vehicles, actions. */
import type { ComponentChildren } from 'preact'
import type { Answers } from '../types.ts'
import { Button, LinkButton } from '../ui/button.tsx'
import { Undone } from '../ui/undone.tsx'
import { Question } from './question.tsx'
import { answerAt, type Path, type QuestionProps } from './sheet.ts'

export function RepeatField(props: QuestionProps & { entry: (path: Path) => ComponentChildren }) {
  const { field, path, sheet, entry } = props
  const entries = (answerAt(sheet.answers, path) as Answers[] | undefined) ?? []
  const undone = sheet.removed?.path === path ? sheet.removed : null
  const full = field.max !== undefined && entries.length >= field.max
  return (
    <Question {...props} controls="several">
      {entries.length > 0 && (
        <ol class="entries">
          {entries.map((_, index) => (
            <li key={index} class="entry">
              <div class="entry-head">
                <h3>
                  {field.label} {index + 1}
                </h3>
                <LinkButton
                  icon="trash-2"
                  kind="danger"
                  label={`Remove ${field.label} ${index + 1}`}
                  onPress={() =>
                    sheet.clear(
                      path,
                      entries.filter((_each, at) => at !== index),
                    )
                  }
                >
                  Remove
                </LinkButton>
              </div>
              {entry(`${path}/${index}`)}
            </li>
          ))}
        </ol>
      )}
      {undone && <Undone what={undone.what} onUndo={undone.undo} />}
      {!full && (
        <Button icon="plus" onPress={() => sheet.change(path, [...entries, sheet.newRow(field)])}>
          {entries.length ? 'Add another' : 'Add one'}
        </Button>
      )}
    </Question>
  )
}
