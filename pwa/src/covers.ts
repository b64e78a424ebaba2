/** How a cover is placed, moved and sized; always whole on the photo. */
import type { Cover } from './types.ts'

export type Change = 'left' | 'right' | 'up' | 'down' | 'narrower' | 'wider' | 'shorter' | 'taller'

const FIRST = 0.16 // of the photo's shorter side: a face at three metres
const STEP = 0.02
const LEAST = 0.02

/** A new one around a point, square on the photo. */
export function added(x: number, y: number, photo: { width: number; height: number }): Cover {
  const side = FIRST * Math.min(photo.width, photo.height)
  const [width, height] = [side / photo.width, side / photo.height]
  return inside({ x: x - width / 2, y: y - height / 2, width, height })
}

export function changed(cover: Cover, change: Change): Cover {
  const { x, y, width, height } = cover
  switch (change) {
    case 'left':
      return inside({ ...cover, x: x - STEP })
    case 'right':
      return inside({ ...cover, x: x + STEP })
    case 'up':
      return inside({ ...cover, y: y - STEP })
    case 'down':
      return inside({ ...cover, y: y + STEP })
    case 'narrower':
      return sized(cover, width - 2 * STEP, height)
    case 'wider':
      return sized(cover, width + 2 * STEP, height)
    case 'shorter':
      return sized(cover, width, height - 2 * STEP)
    case 'taller':
      return sized(cover, width, height + 2 * STEP)
  }
}

/** Around its middle. */
function sized({ x, y, width, height }: Cover, wide: number, high: number): Cover {
  const [w, h] = [within(wide, LEAST, 1), within(high, LEAST, 1)]
  return inside({ x: x + (width - w) / 2, y: y + (height - h) / 2, width: w, height: h })
}

function inside({ x, y, width, height }: Cover): Cover {
  return {
    x: tidy(within(x, 0, 1 - width)),
    y: tidy(within(y, 0, 1 - height)),
    width: tidy(width),
    height: tidy(height),
  }
}

function within(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value))
}

function tidy(part: number): number {
  return Math.round(part * 10_000) / 10_000
}
