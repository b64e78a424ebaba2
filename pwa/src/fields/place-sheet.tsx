/** Where it was, without a map: what is near, what was used lately, a search by name, and a map for those who want one. */
import { useEffect, useState } from 'preact/hooks'
import { toGridRef } from '../gridref.ts'
import { chosenPlace, PLACE_IS_OFF } from '../place.ts'
import { matching, nearest, placeTyped, wayTo, type Place } from '../places.ts'
import type { Location } from '../types.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { Later } from '../ui/later.tsx'
import { Notice } from '../ui/notice.tsx'
import { Over } from '../ui/over.tsx'
import { usePress } from '../ui/press.ts'
import { accuracyInWords } from '../ui/words.ts'
import type { Path, PlacesKnown, Sheet } from './sheet.ts'
import '../style/place-sheet.css'

const NEAR = 6 // as many as fit under a thumb before scrolling
const LATELY = 6
const FOUND = 12

interface Props {
  sheet: Sheet
  /** The question it answers; null for the place of the whole record. */
  path: Path | null
  onClose: () => void
}

export function PlaceSheet({ sheet, path, onClose }: Props) {
  const [places, setPlaces] = useState<PlacesKnown>({ known: [], lately: [] })
  const [typed, setTyped] = useState('')
  const [onMap, setOnMap] = useState(false)
  useEffect(() => {
    void sheet.places().then(setPlaces)
  }, [])
  const choose = (place: Place) => {
    sheet.choosePlace(path, chosenPlace(place, 'spot'), place.icon === 'grid-2x2' ? null : place.title)
    onClose()
  }
  const here = sheet.here ?? sheet.location
  if (onMap)
    return (
      <Later
        load={() => import('../map/place-map.tsx').then((part) => part.PlaceMap)}
        given={{
          places: places.known,
          here: sheet.here,
          chosen: sheet.location,
          onChoose: (pin: Place) => {
            sheet.choosePlace(path, chosenPlace(pin, 'pin'), null)
            onClose()
          },
          onBack: () => setOnMap(false),
        }}
      />
    )
  return (
    <Over
      title="Where was it?"
      onClose={onClose}
      bottom={
        <Button icon="map-pin" class="wide" onPress={() => setOnMap(true)}>
          Show a map
        </Button>
      }
    >
      <input
        type="search"
        class="box find"
        aria-label="Find a street, school or park, or type a grid reference"
        placeholder="Street, school, park, TR 150 579"
        autoComplete="off"
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      {typed.trim() ? (
        <Found typed={typed} known={places.known} here={here} onChoose={choose} />
      ) : (
        <>
          <Here sheet={sheet} onClose={onClose} />
          {here && <List title="Near here" places={nearest(places.known, here, NEAR)} here={here} onChoose={choose} />}
          <List
            title="Used lately on this phone"
            places={places.lately.slice(0, LATELY)}
            here={here}
            onChoose={choose}
          />
          {!here && (
            <p class="quiet">
              {places.known.length > 0
                ? 'Type a few letters to find a street, a school or a park.'
                : 'The list of places has not reached this phone yet. Write the place in words on the form.'}
            </p>
          )}
        </>
      )}
    </Over>
  )
}

function Here({ sheet, onClose }: { sheet: Sheet; onClose: () => void }) {
  const { here } = sheet
  const press = usePress(() => {
    sheet.usePlaceNow()
    onClose()
  })
  if (!here)
    return (
      <Notice icon="locate-fixed" title={sheet.hereWords}>
        {sheet.hereWords === PLACE_IS_OFF
          ? 'Allow Location for Beatbook in the settings of this phone, or choose below.'
          : 'You need not wait for it. Choose below, or write it on the form.'}
      </Notice>
    )
  return (
    <button type="button" class="spot here" onClick={press}>
      <Icon name="locate-fixed" />
      <span>
        <strong>Where I am now</strong>
        <span>
          {[toGridRef(here.latitude, here.longitude), accuracyInWords(here.accuracy)].filter(Boolean).join(', ')}
        </span>
      </span>
    </button>
  )
}

function Found({
  typed,
  known,
  here,
  onChoose,
}: {
  typed: string
  known: Place[]
  here: Location | null
  onChoose: (place: Place) => void
}) {
  const reference = placeTyped(typed)
  const found = reference ? [reference] : matching(known, typed, here, FOUND)
  return (
    <>
      <p class="hidden-words" role="status">
        {found.length === 0 ? 'None of that name' : `${found.length} found`}
      </p>
      {found.length > 0 ? (
        <List title={reference ? 'Grid reference' : 'Found'} places={found} here={here} onChoose={onChoose} />
      ) : (
        <p class="quiet none">None of that name. Close this and write the place in words on the form.</p>
      )}
    </>
  )
}

interface ListProps {
  title: string
  places: Place[]
  here: Location | null
  onChoose: (place: Place) => void
}

function List({ title, places, here, onChoose }: ListProps) {
  if (places.length === 0) return null
  return (
    <section>
      <h3>{title}</h3>
      <ul class="spots">
        {places.map((place) => (
          <li key={`${place.title} ${place.latitude} ${place.longitude}`}>
            <Spot place={place} here={here} onChoose={onChoose} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Spot({ place, here, onChoose }: Omit<ListProps, 'title' | 'places'> & { place: Place }) {
  const press = usePress(() => onChoose(place))
  return (
    <button type="button" class="spot" onClick={press}>
      <Icon name={place.icon} />
      <span>
        <strong>{place.title}</strong>
        <span>{here ? wayTo(here, place) : toGridRef(place.latitude, place.longitude)}</span>
      </span>
    </button>
  )
}
