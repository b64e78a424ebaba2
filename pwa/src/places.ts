/** Known places: schools and their gates, streets, parks, hut rows; whatever list the office calls one of places. */
import type { Degrees } from './fromgrid.ts'
import { placeOfReference } from './fromgrid.ts'

export interface Place extends Degrees {
  /** 'Main gate, Northbrook Primary' */
  title: string
  icon: string
  /** How far from that point it may still be called so, in metres. */
  reach: number
}

/** As the office sends lists; `places` is the icon of one whose rows are places. */
type PlaceRows = { name: string; rows: Record<string, string>[]; places?: string }[]

const REACH = 50 // m: half a short street; a list that knows better has a column `reach`

/** Every row with a latitude and a longitude of the lists that are lists of places. */
export function placesOf(lists: PlaceRows): Place[] {
  return lists.flatMap(({ rows, places }) =>
    (places ? rows : []).flatMap((row) => {
      const latitude = Number.parseFloat(row['latitude'] ?? '')
      const longitude = Number.parseFloat(row['longitude'] ?? '')
      if (!Number.isFinite(latitude) || !Number.isFinite(longitude) || isWithdrawn(row)) return []
      const within = partOf(row, lists) ?? row['town']
      const title = [row['label'] ?? row['name'] ?? '', within].filter(Boolean).join(', ')
      const reach = Number.parseFloat(row['reach'] ?? '') || REACH
      return [{ title, latitude, longitude, reach, icon: places ?? 'map-pin' }]
    }),
  )
}

/** The closest ones, closest first. */
export function nearest<T extends Degrees>(places: T[], here: Degrees, most: number): T[] {
  return places
    .map((place) => ({ place, metres: distance(here, place) }))
    .sort((one, other) => one.metres - other.metres)
    .slice(0, most)
    .map(({ place }) => place)
}

/** Those that every typed word begins a word of: 'harb st' finds Harbour Street. The closest first, when the phone knows where it is. */
export function matching<T extends Place>(places: T[], typed: string, here: Degrees | null, most: number): T[] {
  const wanted = wordsIn(typed)
  if (wanted.length === 0) return []
  const found = places.filter((place) => {
    const words = wordsIn(place.title)
    return wanted.every((each) => words.some((word) => word.startsWith(each)))
  })
  const begins = (place: T) => (wordsIn(place.title)[0]!.startsWith(wanted[0]!) ? 0 : 1)
  const far = (place: T) => (here ? distance(here, place) : 0)
  return found
    .sort((a, b) => begins(a) - begins(b) || far(a) - far(b) || a.title.localeCompare(b.title, 'en-GB'))
    .slice(0, most)
}

/** A grid reference that somebody has read out or copied, as a place. */
export function placeTyped(typed: string): Place | null {
  const found = placeOfReference(typed)
  return found && { ...found.spot, title: typed.trim().toUpperCase(), icon: 'grid-2x2', reach: found.size / 2 }
}

/** Metres between two points; flat is right to a metre over a district. */
export function distance(one: Degrees, other: Degrees): number {
  const { east, north } = offset(one, other)
  return Math.hypot(east, north)
}

/** 'here', '40 m north-east', '2.3 km west': where the place is, seen from where the phone is. */
export function wayTo(here: Degrees, place: Degrees): string {
  const { east, north } = offset(here, place)
  const metres = Math.hypot(east, north)
  if (metres < 15) return 'here'
  const eighth = Math.round(Math.atan2(east, north) / (Math.PI / 4))
  return `${farInWords(metres)} ${WINDS[(eighth + 8) % 8]}`
}

function farInWords(metres: number): string {
  if (metres >= 995) return `${(metres / 1000).toFixed(metres < 9950 ? 1 : 0)} km`
  return `${metres < 100 ? Math.round(metres / 5) * 5 : Math.round(metres / 10) * 10} m`
}

function offset(from: Degrees, to: Degrees): { east: number; north: number } {
  const middle = ((from.latitude + to.latitude) / 2) * (Math.PI / 180)
  return {
    east: (to.longitude - from.longitude) * METRES_A_DEGREE * Math.cos(middle),
    north: (to.latitude - from.latitude) * METRES_A_DEGREE,
  }
}

/** A gate belongs to a school and a hut to a row: a column `school` holds the name of a row of `schools`. */
function partOf(row: Record<string, string>, lists: PlaceRows): string | undefined {
  for (const [column, value] of Object.entries(row)) {
    const whole = lists.find((list) => list.name === `${column}s` || list.name.endsWith(`_${column}s`))
    const found = whole?.rows.find((each) => each['name'] === value)
    if (found) return found['label']
  }
  return undefined
}

/** In its column `withdrawn` stands the moment from which a row is no longer offered. */
function isWithdrawn(row: Record<string, string>): boolean {
  return Boolean(row['withdrawn']) && Date.parse(row['withdrawn']!) <= Date.now()
}

function wordsIn(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/[’']/g, '')
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
}

const METRES_A_DEGREE = 111_320
const WINDS = ['north', 'north-east', 'east', 'south-east', 'south', 'south-west', 'west', 'north-west']
