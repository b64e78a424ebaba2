/** Where it is: words that become a place by themselves, and never hold anything up. */
import { toGridRef } from '../place.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { accuracy } from '../ui/words.ts'
import { Question } from './question.tsx'
import type { QuestionProps } from './sheet.ts'

export function GeopointField(props: QuestionProps) {
  const { sheet } = props
  const { location } = sheet
  return (
    <Question {...props} controls="several">
      <div class={`place ${location ? '' : 'looking'}`}>
        <Icon name="map-pin" />
        <p class="found">
          {location
            ? (
              <>
                <strong class="grid">{toGridRef(location.latitude, location.longitude) ?? coordinates(location)}</strong>
                <span>{accuracy(location)}{sheet.placeFixed && ', kept from when this was started'}</span>
              </>
            )
            : <span>{sheet.placeWords}</span>}
        </p>
      </div>
      {(sheet.placeFixed || !location) && (
        <div class="when-chips">
          <Button icon="locate-fixed" onPress={sheet.usePlaceNow}>Use where I am now</Button>
        </div>
      )}
    </Question>
  )
}

function coordinates({ latitude, longitude }: { latitude: number; longitude: number }): string {
  return `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`
}
