/** British National Grid references from WGS84 positions, good to about 5 m: what people on the ground read out.

The desk's twin is server/beatbook/grid.py; both pass every point of tests/cases/grid.json. The way back is fromgrid.ts, which only
the map and the search need. */

export interface Ellipsoid {
  a: number
  b: number
}

export const WGS84: Ellipsoid = { a: 6_378_137, b: 6_356_752.314245 }
export const AIRY: Ellipsoid = { a: 6_377_563.396, b: 6_356_256.909 }
export const DEGREE = Math.PI / 180
const SECOND = DEGREE / 3600

// WGS84 to OSGB36, Ordnance Survey's published seven parameters
export const SHIFT = {
  x: -446.448,
  y: 125.157,
  z: -542.06,
  scale: 20.4894e-6,
  rx: -0.1502 * SECOND,
  ry: -0.247 * SECOND,
  rz: -0.8421 * SECOND,
}

// The National Grid's Transverse Mercator projection
export const SCALE = 0.9996012717
export const ORIGIN = { latitude: 49 * DEGREE, longitude: -2 * DEGREE, easting: 400_000, northing: -100_000 }

/** 'TR 1505 5792', a 10 m square, as the desk says it; null outside Great Britain's grid. */
export function toGridRef(latitude: number, longitude: number): string | null {
  const { easting, northing } = toGrid(latitude, longitude)
  if (!(easting >= 0 && easting < 700_000 && northing >= 0 && northing < 1_300_000)) return null
  const tens = (metres: number) => String(Math.floor((metres % 100_000) / 10)).padStart(4, '0')
  return `${squareLetters(easting, northing)} ${tens(easting)} ${tens(northing)}`
}

/** Metres east and north on the National Grid. */
export function toGrid(latitude: number, longitude: number): { easting: number; northing: number } {
  return project(toOsgb36(latitude * DEGREE, longitude * DEGREE))
}

function squareLetters(easting: number, northing: number): string {
  const east = Math.floor(easting / 100_000)
  const north = Math.floor(northing / 100_000)
  const first = 19 - north - ((19 - north) % 5) + Math.floor((east + 10) / 5)
  const second = (((19 - north) * 5) % 25) + (east % 5)
  return letter(first) + letter(second)
}

function letter(place: number): string {
  return String.fromCharCode(65 + (place > 7 ? place + 1 : place)) // the grid has no I
}

function toOsgb36(latitude: number, longitude: number): { latitude: number; longitude: number } {
  const squared = eccentricity(WGS84)
  const radius = WGS84.a / Math.sqrt(1 - squared * Math.sin(latitude) ** 2)
  const x = radius * Math.cos(latitude) * Math.cos(longitude)
  const y = radius * Math.cos(latitude) * Math.sin(longitude)
  const z = radius * (1 - squared) * Math.sin(latitude)
  const size = 1 + SHIFT.scale
  return toAngles(
    SHIFT.x + x * size - y * SHIFT.rz + z * SHIFT.ry,
    SHIFT.y + x * SHIFT.rz + y * size - z * SHIFT.rx,
    SHIFT.z - x * SHIFT.ry + y * SHIFT.rx + z * size,
  )
}

function toAngles(x: number, y: number, z: number): { latitude: number; longitude: number } {
  const squared = eccentricity(AIRY)
  const across = Math.hypot(x, y)
  let latitude = Math.atan2(z, across * (1 - squared))
  for (let round = 0; round < 6; round++) {
    const radius = AIRY.a / Math.sqrt(1 - squared * Math.sin(latitude) ** 2)
    latitude = Math.atan2(z + squared * radius * Math.sin(latitude), across)
  }
  return { latitude, longitude: Math.atan2(y, x) }
}

function project({ latitude, longitude }: { latitude: number; longitude: number }): {
  easting: number
  northing: number
} {
  const squared = eccentricity(AIRY)
  const sin = Math.sin(latitude)
  const cos = Math.cos(latitude)
  const tan2 = Math.tan(latitude) ** 2
  const nu = (AIRY.a * SCALE) / Math.sqrt(1 - squared * sin ** 2)
  const rho = (AIRY.a * SCALE * (1 - squared)) / (1 - squared * sin ** 2) ** 1.5
  const eta2 = nu / rho - 1
  const p = longitude - ORIGIN.longitude

  const i = meridian(latitude) + ORIGIN.northing
  const ii = (nu / 2) * sin * cos
  const iii = (nu / 24) * sin * cos ** 3 * (5 - tan2 + 9 * eta2)
  const iiia = (nu / 720) * sin * cos ** 5 * (61 - 58 * tan2 + tan2 ** 2)
  const iv = nu * cos
  const v = (nu / 6) * cos ** 3 * (nu / rho - tan2)
  const vi = (nu / 120) * cos ** 5 * (5 - 18 * tan2 + tan2 ** 2 + 14 * eta2 - 58 * tan2 * eta2)
  return {
    easting: ORIGIN.easting + iv * p + v * p ** 3 + vi * p ** 5,
    northing: i + ii * p ** 2 + iii * p ** 4 + iiia * p ** 6,
  }
}

/** The distance along the meridian from the grid's true origin. */
export function meridian(latitude: number): number {
  const n = (AIRY.a - AIRY.b) / (AIRY.a + AIRY.b)
  const less = latitude - ORIGIN.latitude
  const more = latitude + ORIGIN.latitude
  return (
    AIRY.b *
    SCALE *
    ((1 + n + (5 / 4) * n ** 2 + (5 / 4) * n ** 3) * less -
      (3 * n + 3 * n ** 2 + (21 / 8) * n ** 3) * Math.sin(less) * Math.cos(more) +
      ((15 / 8) * n ** 2 + (15 / 8) * n ** 3) * Math.sin(2 * less) * Math.cos(2 * more) -
      (35 / 24) * n ** 3 * Math.sin(3 * less) * Math.cos(3 * more))
  )
}

export function eccentricity({ a, b }: Ellipsoid): number {
  return 1 - b ** 2 / a ** 2
}
