/** The way back from the National Grid to WGS84: for lines on a map, and for a reference that somebody types. */
import { AIRY, DEGREE, eccentricity, meridian, ORIGIN, SCALE, SHIFT, WGS84, type Ellipsoid } from './gridref.ts'

const LETTERS = 'ABCDEFGHJKLMNOPQRSTUVWXYZ' // the grid has no I

export interface Degrees {
  latitude: number
  longitude: number
}

/** The middle of the square that a reference names ('TR 150 579', 'tr15055792'); null when it is not a reference. */
export function placeOfReference(text: string): { spot: Degrees; size: number } | null {
  const [, first = '', second = '', digits = ''] = /^([A-HJ-Z])([A-HJ-Z])((?:\d\d){2,5})$/.exec(tidy(text)) ?? []
  const figures = digits.length / 2
  if (!figures) return null
  const size = 10 ** (5 - figures)
  const [fives, hundreds] = [LETTERS.indexOf(first), LETTERS.indexOf(second)]
  const east = ((fives - 2) % 5) * 5 + (hundreds % 5)
  const north = 19 - Math.floor(fives / 5) * 5 - Math.floor(hundreds / 5)
  if (east < 0 || east > 6 || north < 0 || north > 12) return null
  const easting = east * 100_000 + (Number(digits.slice(0, figures)) + 0.5) * size
  const northing = north * 100_000 + (Number(digits.slice(figures)) + 0.5) * size
  return { spot: fromGrid(easting, northing), size }
}

/** Latitude and longitude of a point of the grid, within a decimetre of what `toGrid` says. */
export function fromGrid(easting: number, northing: number): Degrees {
  return toWgs84(unprojected(easting, northing))
}

function tidy(text: string): string {
  return text.toUpperCase().replace(/[\s,.]+/g, '')
}

/** The series of annexe C of Ordnance Survey's guide, backwards; in radians on Airy's ellipsoid. */
function unprojected(easting: number, northing: number): Degrees {
  let latitude = ORIGIN.latitude
  for (let round = 0; round < 8; round++) {
    latitude += (northing - ORIGIN.northing - meridian(latitude)) / (AIRY.a * SCALE)
  }
  const squared = eccentricity(AIRY)
  const sin = Math.sin(latitude)
  const tan = Math.tan(latitude)
  const nu = (AIRY.a * SCALE) / Math.sqrt(1 - squared * sin ** 2)
  const rho = (AIRY.a * SCALE * (1 - squared)) / (1 - squared * sin ** 2) ** 1.5
  const eta2 = nu / rho - 1
  const sec = 1 / Math.cos(latitude)
  const east = easting - ORIGIN.easting

  const vii = tan / (2 * rho * nu)
  const viii = (tan / (24 * rho * nu ** 3)) * (5 + 3 * tan ** 2 + eta2 - 9 * tan ** 2 * eta2)
  const ix = (tan / (720 * rho * nu ** 5)) * (61 + 90 * tan ** 2 + 45 * tan ** 4)
  const x = sec / nu
  const xi = (sec / (6 * nu ** 3)) * (nu / rho + 2 * tan ** 2)
  const xii = (sec / (120 * nu ** 5)) * (5 + 28 * tan ** 2 + 24 * tan ** 4)
  return {
    latitude: latitude - vii * east ** 2 + viii * east ** 4 - ix * east ** 6,
    longitude: ORIGIN.longitude + x * east - xi * east ** 3 + xii * east ** 5,
  }
}

/** The seven parameters with their signs turned round; in degrees. */
function toWgs84({ latitude, longitude }: Degrees): Degrees {
  const { x, y, z } = cartesian(AIRY, latitude, longitude)
  const size = 1 - SHIFT.scale
  return degrees(
    -SHIFT.x + x * size + y * SHIFT.rz - z * SHIFT.ry,
    -SHIFT.y - x * SHIFT.rz + y * size + z * SHIFT.rx,
    -SHIFT.z + x * SHIFT.ry - y * SHIFT.rx + z * size,
  )
}

function cartesian(on: Ellipsoid, latitude: number, longitude: number): { x: number; y: number; z: number } {
  const squared = eccentricity(on)
  const radius = on.a / Math.sqrt(1 - squared * Math.sin(latitude) ** 2)
  return {
    x: radius * Math.cos(latitude) * Math.cos(longitude),
    y: radius * Math.cos(latitude) * Math.sin(longitude),
    z: radius * (1 - squared) * Math.sin(latitude),
  }
}

function degrees(x: number, y: number, z: number): Degrees {
  const squared = eccentricity(WGS84)
  const across = Math.hypot(x, y)
  let latitude = Math.atan2(z, across * (1 - squared))
  for (let round = 0; round < 6; round++) {
    const radius = WGS84.a / Math.sqrt(1 - squared * Math.sin(latitude) ** 2)
    latitude = Math.atan2(z + squared * radius * Math.sin(latitude), across)
  }
  return { latitude: latitude / DEGREE, longitude: Math.atan2(y, x) / DEGREE }
}
