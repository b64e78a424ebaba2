/** What the pictures are put together from: a street, vehicles, people. Drawn here for children; nothing comes from elsewhere. */
import type { ComponentChildren } from 'preact'

export const ink = '#22303c'
export const paint = {
  road: '#5d6873',
  kerb: '#d8dde2',
  path: '#f0e3cf',
  grass: '#9bd48f',
  sky: '#d9f1ff',
  coral: '#ff7059',
  blue: '#4a90e2',
  teal: '#27b3a2',
  sun: '#ffcf33',
  lines: '#ffd400',
  white: '#ffffff',
  brick: '#d98562',
  wood: '#b9793f',
  leaf: '#4fae5b',
  glass: '#cfeaf8',
  green: '#1c9a57',
  amber: '#ffb000',
  red: '#e2483d',
  skin: '#f2b98d',
  plum: '#8f5bb5',
}

interface SceneProps {
  children: ComponentChildren
  /** Where the road begins, from the top. */
  road?: number
  sky?: boolean
}

/** A street seen from the side: sky, houses' gardens, pavement, road. */
export function Scene({ children, road = 92, sky = true }: SceneProps) {
  return (
    <svg class="scene street" viewBox="0 0 200 150" aria-hidden="true" focusable="false">
      {sky && <rect width="200" height="150" fill={paint.sky} />}
      <path d={`M0 ${road - 26}q24 -14 50 -4t52 -2t54 -2t44 4v40H0z`} fill={paint.grass} />
      <rect y={road - 20} width="200" height="16" fill={paint.path} />
      <rect y={road - 6} width="200" height="6" fill={paint.kerb} />
      <rect y={road} width="200" height={150 - road} fill={paint.road} />
      {children}
    </svg>
  )
}

/** The same street from above, for what only shows from there. */
export function FromAbove({ children }: { children: ComponentChildren }) {
  return (
    <svg class="scene above" viewBox="0 0 200 150" aria-hidden="true" focusable="false">
      <rect width="200" height="150" fill={paint.grass} />
      {children}
    </svg>
  )
}

/** Something by itself: with a sky of its own, or as a figure on whatever it stands on. */
export function Blank({ children, figure = false }: { children: ComponentChildren; figure?: boolean }) {
  return (
    <svg
      class={figure ? 'figure' : 'scene'}
      viewBox={figure ? '0 0 150 150' : '0 0 200 150'}
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  )
}

interface Placed {
  x?: number
  y?: number
  size?: number
  turn?: number
  colour?: string
  flip?: boolean
}

function Place({ x = 0, y = 0, size = 1, turn = 0, flip = false, children }: Placed & { children: ComponentChildren }) {
  return <g transform={`translate(${x} ${y}) rotate(${turn}) scale(${flip ? -size : size} ${size})`}>{children}</g>
}

/** 120 wide, 58 high, its wheels standing on y. */
export function Car({ colour = paint.coral, driver = false, ...placed }: Placed & { driver?: boolean }) {
  return (
    <Place {...placed}>
      <g transform="translate(-60 -58)" stroke={ink} stroke-width="3.5" stroke-linejoin="round" stroke-linecap="round">
        <path
          d="M5 46V36q0-9 11-11l16-3 13-15q4-4 10-4h27q7 0 11 5l12 15q10 2 10 12v11q0 2-3 2H8q-3 0-3-2z"
          fill={colour}
        />
        <path d="M40 22l10-11q2-2 5-2h8v13zM69 9h12q4 0 6 3l8 10H69z" fill={paint.glass} />
        {driver && <Head x={79} y={17} size={0.42} />}
        <path d="M66 28v14M74 31h6" fill="none" />
        <circle cx="9" cy="34" r="2.5" fill={paint.sun} stroke-width="2" />
        <Wheel x={30} />
        <Wheel x={92} />
      </g>
    </Place>
  )
}

function Wheel({ x }: { x: number }) {
  return (
    <>
      <circle cx={x} cy="47" r="11" fill={ink} />
      <circle cx={x} cy="47" r="4.5" fill={paint.kerb} stroke="none" />
    </>
  )
}

/** A car from above, 40 by 76. */
export function CarAbove({ colour = paint.coral, ...placed }: Placed) {
  return (
    <Place {...placed}>
      <g transform="translate(-20 -38)" stroke={ink} stroke-width="3" stroke-linejoin="round">
        <path d="M2 14h-4M42 14h-4M2 60h-4M42 60h-4" stroke-width="7" stroke-linecap="round" />
        <rect x="1" y="1" width="38" height="74" rx="13" fill={colour} />
        <path d="M6 26q14-9 28 0l-3 9H9zM8 60q12 6 24 0l-2-8H10z" fill={paint.glass} />
        <path d="M7 8q3-3 7-3M33 8q-3-3-7-3" fill="none" stroke={paint.sun} stroke-width="4" stroke-linecap="round" />
      </g>
    </Place>
  )
}

/** A round head with hair, as wide as 36. */
export function Head({ colour = '#6b4226', ...placed }: Placed) {
  return (
    <Place {...placed}>
      <circle r="18" fill={paint.skin} stroke={ink} stroke-width="3.5" />
      <path
        d="M-18-2q1-17 18-17t18 17q-8-9-18-9t-18 9z"
        fill={colour}
        stroke={ink}
        stroke-width="3"
        stroke-linejoin="round"
      />
      <circle cx="-6" cy="2" r="2.4" fill={ink} />
      <circle cx="7" cy="2" r="2.4" fill={ink} />
      <path d="M-5 9q5 4 11 0" fill="none" stroke={ink} stroke-width="3" stroke-linecap="round" />
    </Place>
  )
}

/** A pupil in a bright vest, 60 high, standing on y. */
export function Pupil({ colour = paint.lines, ...placed }: Placed) {
  return (
    <Place {...placed}>
      <g stroke={ink} stroke-width="3" stroke-linejoin="round" stroke-linecap="round">
        <path d="M-7-14v13M7-14v13" stroke-width="7" />
        <path d="M-13-34q0-8 8-8h10q8 0 8 8v22h-26z" fill={colour} />
        <path d="M-13-24h26" stroke={paint.white} stroke-width="4" />
        <path d="M-13-34l-7 13M13-34l7 13" />
      </g>
      <Head y={-54} size={0.8} />
    </Place>
  )
}

export function Speech({
  x = 0,
  y = 0,
  w = 110,
  h = 66,
  children,
  tail = -1,
}: {
  x?: number
  y?: number
  w?: number
  h?: number
  tail?: number
  children?: ComponentChildren
}) {
  const edge = tail < 0 ? `l-18 20 4 -20` : `h-${w / 2 - 24}l18 20 -30 -20`
  return (
    <g transform={`translate(${x} ${y})`}>
      <path
        d={`M16 0h${w - 32}q16 0 16 16v${h - 32}q0 16 -16 16h-${w - 60}${edge}h-${tail < 0 ? 14 : 4}q-12 0 -12 -16v-${h - 32}q0 -16 16 -16z`}
        fill={paint.white}
        stroke={ink}
        stroke-width="3.5"
        stroke-linejoin="round"
      />
      {children}
    </g>
  )
}

export function Heart({ colour = paint.coral, ...placed }: Placed) {
  return (
    <Place {...placed}>
      <path
        d="M0 16C-30-4-22-26-8-24c5 1 8 6 8 9 0-3 3-8 8-9 14-2 22 20-8 40z"
        fill={colour}
        stroke={ink}
        stroke-width="3.5"
        stroke-linejoin="round"
      />
    </Place>
  )
}

export function Arrow({ colour = paint.white, ...placed }: Placed) {
  return (
    <Place {...placed}>
      <path d="M-34-8H4v-14L34 0 4 22V8h-38z" fill={colour} stroke={ink} stroke-width="3.5" stroke-linejoin="round" />
    </Place>
  )
}

/** A mock ticket, 44 by 60: bright and round, nothing like a real one. */
export function Note({ colour = paint.sun, ...placed }: Placed) {
  return (
    <Place {...placed}>
      <rect x="-22" y="-30" width="44" height="60" rx="7" fill={colour} stroke={ink} stroke-width="3.5" />
      <circle cy="-10" r="11" fill={paint.white} stroke={ink} stroke-width="2.5" />
      <path d="M-5-8q5 6 10 0M-4-13v1M4-13v1" fill="none" stroke={ink} stroke-width="2.5" stroke-linecap="round" />
      <path d="M-13 11h26M-13 19h17" stroke={ink} stroke-width="3" stroke-linecap="round" />
    </Place>
  )
}
