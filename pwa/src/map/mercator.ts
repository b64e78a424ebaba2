/** Where a place lies on the square picture that web maps are: 256 pixels of the whole world, doubled at each zoom. */
import type { Degrees } from '../fromgrid.ts'

export const TILE = 256

export interface Pixel {
  x: number
  y: number
}

export function toPixel({ latitude, longitude }: Degrees, zoom: number): Pixel {
  const size = TILE * 2 ** zoom
  const sin = Math.sin((latitude * Math.PI) / 180)
  return {
    x: ((longitude + 180) / 360) * size,
    y: (0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)) * size,
  }
}

export function fromPixel({ x, y }: Pixel, zoom: number): Degrees {
  const size = TILE * 2 ** zoom
  return {
    latitude: (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / size))) * 180) / Math.PI,
    longitude: (x / size) * 360 - 180,
  }
}

/** How much ground one pixel covers. */
export function metresAPixel(latitude: number, zoom: number): number {
  return (Math.cos((latitude * Math.PI) / 180) * 40_075_016.7) / (TILE * 2 ** zoom)
}

/** A round number of metres of about this length: what one press of an arrow moves. */
export function roundMetres(metres: number): number {
  const ten = 10 ** Math.floor(Math.log10(Math.max(metres, 1)))
  return [1, 2, 5, 10].map((each) => each * ten).find((each) => each >= metres * 0.75) ?? ten * 10
}
