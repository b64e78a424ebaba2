/** Where it is: a place that comes by itself and never holds anything up, and a list of places for when it is wrong. */
import { useState } from 'preact/hooks'
import { toGridRef } from '../place.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { Later } from '../ui/later.tsx'
import { Undone } from '../ui/undone.tsx'
import { accuracyInWords } from '../ui/words.ts'
import { Question } from './question.tsx'
import { answerAt, PLACE, type Path, type QuestionProps, type Sheet } from './sheet.ts'

interface Spot {
  latitude: number
  longitude: number
  accuracy?: number
}

export function GeopointField(props: QuestionProps) {
  const answer = answerAt(props.sheet.answers, props.path) as Spot | undefined
  return (
    <Question {...props} controls="several">
      <PlaceRow sheet={props.sheet} path={props.path} location={answer} />
    </Question>
  )
}

interface RowProps {
  sheet: Sheet
  /** The question it answers; null for the place of the whole record. */
  path?: Path | null
  location?: Spot | undefined
}

/** Where the record is, as far as the phone knows by now. */
export function PlaceRow({ sheet, path = null, location = sheet.location ?? undefined }: RowProps) {
  const [choosing, setChoosing] = useState(false)
  return (
    <>
      <div class={`place ${location ? '' : 'looking'}`}>
        <Icon name="map-pin" />
        <p class="found">
          {location ? (
            <>
              <strong class="grid">{toGridRef(location.latitude, location.longitude) ?? coordinates(location)}</strong>
              <span>{howKnown(sheet, location)}</span>
            </>
          ) : (
            <span>{sheet.placeWords}</span>
          )}
        </p>
      </div>
      {sheet.removed?.path === (path ?? PLACE) && <Undone what={sheet.removed.what} onUndo={sheet.removed.undo} />}
      <div class="when-chips">
        <Button icon="pencil" onPress={() => setChoosing(true)}>
          {location ? 'Change place' : 'Choose place'}
        </Button>
        {(sheet.placeFixed || !location) && (
          <Button icon="locate-fixed" onPress={sheet.usePlaceNow}>
            Use where I am now
          </Button>
        )}
      </div>
      {choosing && (
        <Later
          load={() => import('./place-sheet.tsx').then((part) => part.PlaceSheet)}
          given={{ sheet, path, onClose: () => setChoosing(false) }}
        />
      )}
    </>
  )
}

function howKnown(sheet: Sheet, { accuracy }: Spot): string {
  const source = sheet.location?.source
  if (source === 'spot') return 'chosen from the list'
  if (source === 'pin') return 'placed on the map'
  const good = accuracy === undefined ? '' : accuracyInWords(accuracy)
  return sheet.placeFixed ? `${good}, kept from when this was started` : good
}

function coordinates({ latitude, longitude }: Spot): string {
  return `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`
}
