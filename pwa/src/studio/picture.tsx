/** A sketch on the screen or on paper: drawn from our shapes, element by element; nothing it holds becomes markup. */
import {
  backgrounds,
  colours,
  HEIGHT,
  isSticker,
  pointsOf,
  standing,
  stickers,
  way,
  WIDTH,
  widths,
  type Part,
  type Shape,
  type Sketch,
} from './sketch.ts'

/** `label` is what it is called for those who do not see it; without it the words beside it say enough. */
export function Picture({ sketch, label }: { sketch: Sketch; label?: string }) {
  const says = label ? ({ role: 'img', 'aria-label': label } as const) : ({ 'aria-hidden': true } as const)
  return (
    <svg class="sketch" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} focusable="false" {...says}>
      <Background name={sketch.background} />
      <Parts parts={sketch.parts} />
    </svg>
  )
}

export function Background({ name }: { name: string }) {
  return <Shapes shapes={backgrounds[name]?.parts} />
}

export function Parts({ parts }: { parts: Part[] }) {
  return (
    <>
      {parts.map((part, at) => (
        <OnePart key={at} part={part} />
      ))}
    </>
  )
}

export function OnePart({ part }: { part: Part }) {
  if (isSticker(part))
    return (
      <g transform={standing(part)}>
        <Shapes shapes={stickers[part.sticker]?.parts} />
      </g>
    )
  return <path d={way(pointsOf(part))} {...inkOf(part.pen, part.width)} />
}

/** A sticker by itself, for the tray. */
export function StickerPicture({ name }: { name: string }) {
  return (
    <svg class="sketch" viewBox="-55 -55 110 110" aria-hidden="true" focusable="false">
      <Shapes shapes={stickers[name]?.parts} />
    </svg>
  )
}

export function inkOf(pen: string, width: string) {
  return {
    fill: 'none',
    stroke: colours[pen]?.hex,
    'stroke-width': widths[width]?.px,
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
  } as const
}

function Shapes({ shapes = [] }: { shapes?: Shape[] | undefined }) {
  return (
    <>
      {shapes.map(({ d, fill, stroke, width }, at) => (
        <path
          key={at}
          d={d}
          fill={fill}
          {...(stroke && { stroke, 'stroke-width': width, 'stroke-linejoin': 'round', 'stroke-linecap': 'round' } as const)}
        />
      ))}
    </>
  )
}
