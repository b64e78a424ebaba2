/** Sketch: a drawing made of nothing but our own shapes, and how it is drawn. The server's twin is server/beatbook/forms/sketch.py. */
import shapes from '../../../server/beatbook/forms/sketch.json' with { type: 'json' }

export interface Shape {
  d: string
  fill: string
  stroke?: string
  width?: number
}

interface Stroke {
  pen: string
  width: string
  /** 'x y x y …' in whole numbers: digits and spaces, so that nothing else can travel in it. */
  points: string
}

export interface Sticker {
  sticker: string
  x: number
  y: number
  size: number
  turn: number
}

export type Part = Stroke | Sticker

export interface Sketch {
  background: string
  /** From back to front. */
  parts: Part[]
}

interface Named<T> {
  [name: string]: T
}

export const WIDTH = shapes.width
export const HEIGHT = shapes.height
export const SIZES = shapes.sizes
export const TURNS = shapes.turns
export const colours = shapes.colours as Named<{ label: string; hex: string }>
export const widths = shapes.widths as Named<{ label: string; px: number }>
export const backgrounds = shapes.backgrounds as Named<{ label: string; parts: Shape[] }>
export const stickers = shapes.stickers as Named<{ label: string; parts: Shape[] }>

const FULL_AT = shapes.limits.svg - 4_000 // characters as the server draws it, with room for one more long line
const CLOSE = 2.2 // of the page's 800: a point nearer to the line than this is not missed
const WRAPPING = 140 // characters around one part's own shapes, generously

export const emptySketch: Sketch = { background: 'paper', parts: [] }

export function isSticker(part: Part): part is Sticker {
  return 'sticker' in part
}

/** Whether another part could make it more than the server takes. */
export function isFull(sketch: Sketch): boolean {
  const size = sketch.parts.reduce((sum, part) => sum + sizeOf(part), 2_500)
  const points = sketch.parts.reduce((sum, part) => sum + (isSticker(part) ? 0 : part.points.split(' ').length / 2), 0)
  return size > FULL_AT || points > shapes.limits.points - 200 || sketch.parts.length >= shapes.limits.parts
}

/** A stroke's path: through the middles between its points, bent towards them, in whole numbers only. */
export function way(points: number[]): string {
  const pairs: [number, number][] = []
  for (let at = 0; at < points.length; at += 2) pairs.push([points[at]!, points[at + 1]!])
  const [first, ...rest] = pairs
  if (!first) return ''
  const start = `M${first[0]} ${first[1]}`
  const last = rest.at(-1)
  if (!last) return `${start}h0`
  let path = start
  for (let at = 0; at + 1 < rest.length; at += 1) {
    const [bend, next] = [rest[at]!, rest[at + 1]!]
    path += `Q${bend[0]} ${bend[1]} ${(bend[0] + next[0]) >> 1} ${(bend[1] + next[1]) >> 1}`
  }
  return `${path}L${last[0]} ${last[1]}`
}

export function pointsOf(stroke: Stroke): number[] {
  return stroke.points.split(' ').map(Number)
}

/** A finger's line with only the points that shape it (Ramer, Douglas and Peucker), in whole numbers on the page. */
export function tidied(points: [number, number][]): string {
  const whole = points.map(([x, y]): [number, number] => [within(x, WIDTH), within(y, HEIGHT)])
  return kept(whole).flat().join(' ')
}

/** Where a sticker stands: the transform of its shapes, which are drawn in a box of 100 around 0. */
export function standing(sticker: Sticker): string {
  return `translate(${sticker.x} ${sticker.y}) rotate(${(sticker.turn * 360) / TURNS}) scale(${SIZES[sticker.size]! / 100})`
}

export function within(value: number, most: number): number {
  return Math.min(most, Math.max(0, Math.round(value)))
}

function kept(points: [number, number][]): [number, number][] {
  if (points.length < 3) return points
  const [first, last] = [points[0]!, points.at(-1)!]
  let [far, at] = [0, 0]
  for (let number = 1; number < points.length - 1; number += 1) {
    const off = distance(points[number]!, first, last)
    if (off > far) [far, at] = [off, number]
  }
  if (far <= CLOSE) return [first, last]
  return [...kept(points.slice(0, at + 1)).slice(0, -1), ...kept(points.slice(at))]
}

function distance([x, y]: [number, number], [ax, ay]: [number, number], [bx, by]: [number, number]): number {
  const length = Math.hypot(bx - ax, by - ay)
  if (length === 0) return Math.hypot(x - ax, y - ay)
  return Math.abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length
}

function sizeOf(part: Part): number {
  if (!isSticker(part)) return WRAPPING + way(pointsOf(part)).length
  const drawn = stickers[part.sticker]?.parts ?? []
  return drawn.reduce((sum, shape) => sum + WRAPPING + shape.d.length, WRAPPING)
}
