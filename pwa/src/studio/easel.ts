/** Easel: a drawing being made, every change with the way back. Nothing is ever asked twice; everything can be undone. */
import { emptySketch, isFull, isSticker, SIZES, TURNS, WIDTH, HEIGHT, within, type Part, type Sketch, type Sticker } from './sketch.ts'

const STEPS = 50 // that can be taken back
const NUDGE = 30 // of the page's 800: one tap moves a sticker so far

export type Nudge = 'left' | 'right' | 'up' | 'down' | 'bigger' | 'smaller' | 'turn'

export interface Easel {
  sketch: Sketch
  /** Which part is in hand: a sticker that the buttons move. */
  held: number | null
  undo: Sketch[]
  redo: Sketch[]
}

export function begun(sketch: Sketch = emptySketch): Easel {
  return { sketch, held: null, undo: [], redo: [] }
}

/** The same easel when the page is full: what it cannot send it does not let anybody draw. */
export function withPart(easel: Easel, part: Part): Easel {
  if (isFull(easel.sketch)) return easel
  const parts = [...easel.sketch.parts, part]
  return { ...changed(easel, { ...easel.sketch, parts }), held: isSticker(part) ? parts.length - 1 : null }
}

export function withBackground(easel: Easel, background: string): Easel {
  return background === easel.sketch.background ? easel : { ...changed(easel, { ...easel.sketch, background }), held: null }
}

export function cleared(easel: Easel): Easel {
  return easel.sketch.parts.length === 0 ? easel : { ...changed(easel, { ...easel.sketch, parts: [] }), held: null }
}

export function heldSticker(easel: Easel): Sticker | null {
  const part = easel.held === null ? undefined : easel.sketch.parts[easel.held]
  return part && isSticker(part) ? part : null
}

export function held(easel: Easel, at: number | null): Easel {
  return { ...easel, held: at }
}

/** One tap on a button. */
export function nudged(easel: Easel, how: Nudge): Easel {
  const sticker = heldSticker(easel)
  return sticker ? placed(easel, afterNudge(sticker, how)) : easel
}

/** The sticker in hand, now like this. At an edge nothing changes, and there is nothing to undo. */
export function placed(easel: Easel, sticker: Sticker): Easel {
  const before = heldSticker(easel)
  if (before === null || JSON.stringify(before) === JSON.stringify(sticker)) return easel
  const parts = easel.sketch.parts.map((part, at) => (at === easel.held ? sticker : part))
  return { ...changed(easel, { ...easel.sketch, parts }), held: easel.held }
}

export function withoutHeld(easel: Easel): Easel {
  if (easel.held === null) return easel
  const parts = easel.sketch.parts.filter((_, at) => at !== easel.held)
  return { ...changed(easel, { ...easel.sketch, parts }), held: null }
}

export function undone(easel: Easel): Easel {
  const before = easel.undo.at(-1)
  if (!before) return easel
  return { sketch: before, held: null, undo: easel.undo.slice(0, -1), redo: [...easel.redo, easel.sketch] }
}

export function redone(easel: Easel): Easel {
  const next = easel.redo.at(-1)
  if (!next) return easel
  return { sketch: next, held: null, undo: [...easel.undo, easel.sketch], redo: easel.redo.slice(0, -1) }
}

/** The front sticker under a finger, or null. */
export function stickerAt(sketch: Sketch, x: number, y: number): number | null {
  for (let at = sketch.parts.length - 1; at >= 0; at -= 1) {
    const part = sketch.parts[at]!
    if (isSticker(part) && Math.hypot(part.x - x, part.y - y) <= SIZES[part.size]! / 2) return at
  }
  return null
}

function changed(easel: Easel, sketch: Sketch): Easel {
  return { ...easel, sketch, undo: [...easel.undo, easel.sketch].slice(-STEPS), redo: [] }
}

function afterNudge(sticker: Sticker, how: Nudge): Sticker {
  const { x, y, size, turn } = sticker
  switch (how) {
    case 'left':
      return { ...sticker, x: within(x - NUDGE, WIDTH) }
    case 'right':
      return { ...sticker, x: within(x + NUDGE, WIDTH) }
    case 'up':
      return { ...sticker, y: within(y - NUDGE, HEIGHT) }
    case 'down':
      return { ...sticker, y: within(y + NUDGE, HEIGHT) }
    case 'bigger':
      return { ...sticker, size: within(size + 1, SIZES.length - 1) }
    case 'smaller':
      return { ...sticker, size: within(size - 1, SIZES.length - 1) }
    case 'turn':
      return { ...sticker, turn: (turn + 1) % TURNS }
  }
}
