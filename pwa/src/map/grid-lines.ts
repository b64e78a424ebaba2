/** The National Grid on a tile: pure arithmetic, so there is always a map, with no tile and no network. */
import { fromGrid } from '../fromgrid.ts'
import { toGrid, toGridRef } from '../gridref.ts'
import type { Place } from '../places.ts'
import { fromPixel, metresAPixel, TILE, toPixel, type Pixel } from './mercator.ts'

const LINE = '#00593399'
const LINE_KM = '#004d2c'
const WORDS = '#004d2c'
const HALO = '#ffffffe6'
const LABEL = 80 // pixels: 'TR 150 579' and a little air
const REACH = 160 // pixels around a tile from which words may run into it

export interface TileAt {
  x: number
  y: number
  z: number
}

/** Metres between the lines, few enough that the ground between them can be seen. */
export function spacing(zoom: number): number {
  if (zoom >= 15) return 100
  if (zoom >= 12) return 1000
  return zoom >= 9 ? 10_000 : 100_000
}

/** Metres between squares that are named, so far apart that the names do not run into each other. */
export function labelSpacing(tile: TileAt): number {
  const { latitude } = fromPixel({ x: tile.x * TILE, y: tile.y * TILE }, tile.z)
  const metres = LABEL * metresAPixel(latitude, tile.z)
  return [100, 1000, 10_000].find((each) => each >= metres) ?? 100_000
}

export function drawGrid(pen: CanvasRenderingContext2D, tile: TileAt): void {
  const step = spacing(tile.z)
  const { east, north } = reachOf(tile, step)
  for (const easting of multiples(east, step)) {
    drawLine(pen, tile, step, easting, (at) => fromGrid(easting, north[0] + at * (north[1] - north[0])))
  }
  for (const northing of multiples(north, step)) {
    drawLine(pen, tile, step, northing, (at) => fromGrid(east[0] + at * (east[1] - east[0]), northing))
  }
  const labelled = labelSpacing(tile)
  for (const easting of multiples(east, labelled)) {
    for (const northing of multiples(north, labelled)) {
      const spot = fromGrid(easting + 1, northing + 1)
      const words = labelOf(toGridRef(spot.latitude, spot.longitude), labelled)
      const { x, y } = onTile(toPixel(spot, tile.z), tile)
      if (words) write(pen, words, x + 4, y - 5, '600 12px system-ui, sans-serif')
    }
  }
}

/** The known places: dots from afar, with their names where there is room for them. */
export function drawPlaces(pen: CanvasRenderingContext2D, tile: TileAt, places: Place[]): void {
  for (const place of places) {
    const { x, y } = onTile(toPixel(place, tile.z), tile)
    if (x < -REACH || x > TILE + REACH || y < -REACH || y > TILE + REACH) continue
    pen.beginPath()
    pen.arc(x, y, tile.z >= 15 ? 5 : 3, 0, 2 * Math.PI)
    pen.fillStyle = WORDS
    pen.fill()
    if (tile.z >= 16) write(pen, place.title.split(',')[0]!, x + 9, y + 4, '600 13px system-ui, sans-serif')
  }
}

function drawLine(
  pen: CanvasRenderingContext2D,
  tile: TileAt,
  step: number,
  metres: number,
  along: (part: number) => { latitude: number; longitude: number },
): void {
  const heavy = metres % (step * 10) === 0
  pen.beginPath()
  for (let part = 0; part <= 4; part++) {
    const { x, y } = onTile(toPixel(along(part / 4), tile.z), tile) // bent by less than a pixel between five points
    if (part === 0) pen.moveTo(x, y)
    else pen.lineTo(x, y)
  }
  pen.strokeStyle = heavy ? LINE_KM : LINE
  pen.lineWidth = heavy ? 2 : 1
  pen.stroke()
}

/** The part of the grid that a tile shows, and one square more. */
function reachOf({ x, y, z }: TileAt, step: number): { east: [number, number]; north: [number, number] } {
  const corners = [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ].map(([right, down]) => {
    const { latitude, longitude } = fromPixel({ x: (x + right!) * TILE, y: (y + down!) * TILE }, z)
    return toGrid(latitude, longitude)
  })
  const range = (values: number[], most: number): [number, number] => [
    Math.max(0, Math.min(...values) - step),
    Math.min(most, Math.max(...values) + step),
  ]
  return {
    east: range(
      corners.map(({ easting }) => easting),
      700_000,
    ),
    north: range(
      corners.map(({ northing }) => northing),
      1_300_000,
    ),
  }
}

function multiples([from, to]: [number, number], step: number): number[] {
  const found: number[] = []
  for (let metres = Math.ceil(from / step) * step; metres <= to; metres += step) found.push(metres)
  return found
}

/** 'TR 15 57' for a square kilometre, 'TR 150 579' for a hundred metres. */
function labelOf(reference: string | null, size: number): string | null {
  if (!reference) return null
  const [letters, east = '', north = ''] = reference.split(' ')
  const digits = 5 - Math.log10(size)
  return [letters, east.slice(0, digits), north.slice(0, digits)].join(' ').trim()
}

function write(pen: CanvasRenderingContext2D, words: string, x: number, y: number, font: string): void {
  pen.font = font
  pen.lineJoin = 'round'
  pen.lineWidth = 4
  pen.strokeStyle = HALO
  pen.strokeText(words, x, y)
  pen.fillStyle = WORDS
  pen.fillText(words, x, y)
}

function onTile({ x, y }: Pixel, tile: TileAt): Pixel {
  return { x: x - tile.x * TILE, y: y - tile.y * TILE }
}
