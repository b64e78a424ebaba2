/** Where the phone is, from the page's own geolocation: never waited for, never from a photo. */
import type { Place } from './places.ts'
import type { Location } from './types.ts'
import { isoTime } from './store/ids.ts'

export { toGridRef } from './gridref.ts'

export const PLACE_IS_OFF = 'Place is switched off'

const GIVE_UP_HOPE = 20_000 // a cold GPS fix outdoors takes 5 to 15 s; after that say plainly that there is none yet
const STALE = 60_000 // walking pace: a better fix from a minute ago is another place

type Spot = Pick<Location, 'latitude' | 'longitude'>

/** Calls back with the best fix so far and words for it, until the returned function is called. */
export function watchPlace(listener: (fix: Location | null, words: string) => void): () => void {
  if (!('geolocation' in navigator)) {
    listener(null, 'No place on this device')
    return () => undefined
  }
  let best: Location | null = null
  listener(null, 'Looking for place…')
  const patience = setTimeout(() => best ?? listener(null, 'No place yet'), GIVE_UP_HOPE)
  const watch = navigator.geolocation.watchPosition(
    (position) => {
      best = better(best, asLocation(position))
      listener(best, placeWords(best))
    },
    (error) => {
      if (error.code === error.PERMISSION_DENIED) listener(best, best ? placeWords(best) : PLACE_IS_OFF)
      else if (!best) listener(null, 'No place yet')
    },
    { enableHighAccuracy: true, maximumAge: 5_000 },
  )
  return () => {
    clearTimeout(patience)
    navigator.geolocation.clearWatch(watch)
  }
}

/** A place that somebody chose: right as far as its name reaches. */
export function chosenPlace({ latitude, longitude, reach }: Place, source: 'spot' | 'pin'): Location {
  return { latitude, longitude, accuracy: reach, source, fixedAt: isoTime() }
}

/** The more accurate of two fixes, unless it has gone stale. */
export function better(best: Location | null, next: Location): Location {
  if (!best || next.accuracy <= best.accuracy) return next
  return Date.parse(next.fixedAt) - Date.parse(best.fixedAt) > STALE ? next : best
}

/** Good to a metre in a hundred across a district. */
export function metresBetween(one: Spot, other: Spot): number {
  const north = (other.latitude - one.latitude) * 111_200
  const east = (other.longitude - one.longitude) * 111_200 * Math.cos((one.latitude * Math.PI) / 180)
  return Math.hypot(north, east)
}

export function placeWords(fix: Location): string {
  return fix.accuracy < 1000
    ? `about ${Math.max(1, Math.round(fix.accuracy))} m`
    : `about ${Math.round(fix.accuracy / 1000)} km`
}

function asLocation(position: GeolocationPosition): Location {
  const { latitude, longitude, accuracy } = position.coords
  return {
    latitude: rounded(latitude, 6), // 11 cm: more digits would promise what no phone knows
    longitude: rounded(longitude, 6),
    accuracy: rounded(accuracy, 1),
    source: 'gps',
    fixedAt: isoTime(position.timestamp),
  }
}

function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}
