/** The pictures beside the tick boxes: drawn here in black lines, so that a photocopier keeps them. */

interface Reason {
  code: string
  words: string
  d: string
}

const CAR = 'M10 30v-7q0-3 4-4l4-1 5-6q2-2 4-2h9q3 0 5 2l4 6q5 0 5 4v8zM19 30a4 4 0 1 1-8 0a4 4 0 1 1 8 0zM45 30a4 4 0 1 1-8 0a4 4 0 1 1 8 0zM21 18h20'

/** In the order of how often they are seen at a school gate. The words are those of the pupils' screens. */
export const reasons: Reason[] = [
  { code: 'ZIGZAG', words: 'On the zig-zags', d: `${CAR}M4 44l6-6 6 6 6-6 6 6 6-6 6 6 6-6 6 6 4-4` },
  { code: 'DOUBLE', words: 'On two yellow lines', d: `${CAR}M4 39h52M4 45h52` },
  { code: 'PAVEMENT', words: 'On the pavement', d: `${CAR}M4 36h30v8h22M4 40h24M4 44h24` },
  { code: 'CROSSING', words: 'On a crossing', d: `${CAR}M6 38v8M14 38v8M22 38v8M30 38v8M38 38v8M46 38v8M54 38v8` },
  { code: 'CORNER', words: 'Too near a corner', d: `${CAR}M4 38h34q12 0 12-12v-20M4 46h40q14 0 14-14v-26` },
  { code: 'BUSSTOP', words: 'In the bus stop', d: `${CAR}M4 38h52v8h-52zM52 38v-32M46 6h12v10h-12zM49 11h6` },
  { code: 'GATE', words: 'Blocking the gate', d: `${CAR}M4 46v-40M56 46v-40M4 6l4-4 4 4M48 6l4-4 4 4M12 8v-2M48 8v-2M4 40h52` },
  { code: 'ENGINE', words: 'Engine left on', d: `${CAR}M4 38q4-4 0-8M0 40q5-6 0-12M4 44h52M14 6q3-3 0-5M20 6q3-3 0-5` },
]

/** A tick, a straight mouth and a worry: shape and word say it, no colour has to. */
export const faces: { code: string; words: string; d: string }[] = [
  { code: 'green', words: 'Well parked', d: 'M16 34q14 15 28 0M21 22v.1M39 22v.1' },
  { code: 'amber', words: 'Could be better', d: 'M18 38h24M21 22v.1M39 22v.1' },
  { code: 'red', words: 'Not safe', d: 'M17 42q13-13 26 0M21 24v.1M39 24v.1M14 20l9-5M46 20l-9-5' },
]

export function ReasonPicture({ d }: { d: string }) {
  return (
    <svg class="line-art" viewBox="0 0 60 48" aria-hidden="true" focusable="false">
      <path d={d} />
    </svg>
  )
}

export function Face({ d }: { d: string }) {
  return (
    <svg class="line-art paper-face" viewBox="0 0 60 60" aria-hidden="true" focusable="false">
      <path d={`M56 30a26 26 0 1 1-52 0a26 26 0 1 1 52 0z${d}`} />
    </svg>
  )
}
