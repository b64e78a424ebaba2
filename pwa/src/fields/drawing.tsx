/** A signature or a drawing: what was drawn, and the way to the sheet on which it is drawn. */
import { useState } from 'preact/hooks'
import { Button, LinkButton } from '../ui/button.tsx'
import { Later } from '../ui/later.tsx'
import { Picture } from '../ui/picture.tsx'
import { Undone } from '../ui/undone.tsx'
import { Question } from './question.tsx'
import type { QuestionProps } from './sheet.ts'

export function DrawingField(props: QuestionProps) {
  const { field, path, sheet } = props
  const [drawing, setDrawing] = useState(false)
  const drawn = sheet.photos.find((photo) => photo.field === path)
  const signs = field.type === 'signature'
  return (
    <>
      <Question {...props} controls="several">
        {drawn && (
          <div class="drawn">
            <Picture bytes={drawn.thumbnail} alt={drawn.about?.typed ?? field.label} />
          </div>
        )}
        {drawn?.about?.typed && <p class="photo-said">{drawn.about.typed}</p>}
        {sheet.removed?.path === path && <Undone what={sheet.removed.what} onUndo={sheet.removed.undo} />}
        <div class="when-chips">
          <Button icon="pencil" onPress={() => setDrawing(true)}>
            {signs ? (drawn ? 'Sign again' : 'Sign here') : drawn ? 'Draw again' : 'Draw'}
          </Button>
          {drawn && (
            <LinkButton
              icon="trash-2"
              kind="danger"
              label={`Remove: ${field.label}`}
              onPress={() => sheet.removePhoto(drawn)}
            >
              Remove
            </LinkButton>
          )}
        </div>
      </Question>
      {drawing && (
        <Later
          load={() => import('./drawing-sheet.tsx').then((part) => part.DrawingSheet)}
          given={{ field, path, sheet, onClose: () => setDrawing(false) }}
        />
      )}
    </>
  )
}
