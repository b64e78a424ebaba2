/** Where it is: words that become a place by themselves, and never hold anything up. */
import { toGridRef } from '../place.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { accuracy } from '../ui/words.ts'
import { Question } from './question.tsx'
import { answerAt, type QuestionProps, type Sheet } from './sheet.ts'

interface Spot {
  latitude: number
  longitude: number
  accuracy?: number
}

export function GeopointField(props: QuestionProps) {
  const answer = answerAt(props.sheet.answers, props.path) as Spot | undefined
  return (
    <Question {...props} controls="several">
      <PlaceRow sheet={props.sheet} location={answer} />
    </Question>
  )
}

/** Where the record is, as far as the phone knows by now. */
export function PlaceRow({
  sheet,
  location = sheet.location ?? undefined,
}: {
  sheet: Sheet
  location?: Spot | undefined
}) {
  return (
    <>
      <div class={`place ${location ? '' : 'looking'}`}>
        <Icon name="map-pin" />
        <p class="found">
          {location ? (
            <>
              <strong class="grid">{toGridRef(location.latitude, location.longitude) ?? coordinates(location)}</strong>
              <span>
                {location.accuracy !== undefined && accuracy(location.accuracy)}
                {sheet.placeFixed && ', kept from when this was started'}
              </span>
            </>
          ) : (
            <span>{sheet.placeWords}</span>
          )}
        </p>
      </div>
      {(sheet.placeFixed || !location) && (
        <div class="when-chips">
          <Button icon="locate-fixed" onPress={sheet.usePlaceNow}>
            Use where I am now
          </Button>
        </div>
      )}
    </>
  )
}

function coordinates({ latitude, longitude }: Spot): string {
  return `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`
}
