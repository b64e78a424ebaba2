/** What pupils may see: one picture for each code of the reason table. */
import type { JSX } from 'preact'
import { Car, CarAbove, FromAbove, ink, paint, Pupil, Scene } from './parts.tsx'

const line = { fill: 'none', stroke: paint.lines, 'stroke-width': 6, 'stroke-linejoin': 'round' } as const

export const reasons: Record<string, () => JSX.Element> = {
  ZIGZAG: () => (
    <Scene>
      <path d="M2 138l22-26 22 26 22-26 22 26 22-26 22 26 22-26 22 26 22-26 22 26" {...line} stroke-width={7} />
      <Car x={98} y={112} size={1.15} />
    </Scene>
  ),
  DOUBLE: () => (
    <Scene>
      <path d="M0 120h200M0 134h200" {...line} />
      <Car x={100} y={112} size={1.15} colour={paint.blue} />
    </Scene>
  ),
  SINGLE: () => (
    <Scene>
      <path d="M0 127h200" {...line} stroke-width={7} />
      <Car x={100} y={112} size={1.15} colour={paint.teal} />
    </Scene>
  ),
  PAVEMENT: () => (
    <Scene road={112}>
      <rect y="84" width="200" height="22" fill={paint.path} />
      <rect y="104" width="200" height="9" fill={paint.kerb} />
      <Pupil x={28} y={104} size={0.9} />
      <Car x={120} y={118} size={1.15} turn={-9} colour={paint.plum} />
    </Scene>
  ),
  DROPKERB: () => (
    <Scene road={104}>
      <path d="M0 96h54l16 10h60l16-10h54v10H0z" fill={paint.kerb} stroke={ink} stroke-width="2.5" />
      <g
        transform="translate(40 92)"
        stroke={ink}
        stroke-width="3.5"
        fill="none"
        stroke-linecap="round"
        stroke-linejoin="round"
      >
        <path d="M-22-42l10 3 6 20h26q2-17-14-24z" fill={paint.teal} />
        <circle cx="-4" cy="-8" r="8" fill={paint.white} />
        <circle cx="16" cy="-8" r="8" fill={paint.white} />
      </g>
      <Car x={128} y={136} size={1.05} colour={paint.coral} />
    </Scene>
  ),
  DRIVEWAY: () => (
    <Scene road={104}>
      <g stroke={ink} stroke-width="3.5" stroke-linejoin="round">
        <path d="M52 88V46l48-34 48 34v42z" fill={paint.brick} />
        <path d="M42 50l58-42 58 42" fill="none" stroke-width="6" />
        <path d="M74 88V56h52v32zM74 66h52M74 77h52" fill={paint.white} />
        <path d="M76 88l-16 16h80l-16-16z" fill={paint.kerb} />
      </g>
      <Car x={100} y={140} size={1.1} colour={paint.blue} />
    </Scene>
  ),
  CROSSING: () => (
    <Scene>
      {[10, 46, 82, 118, 154, 190].map((x) => (
        <path key={x} d={`M${x - 10} 98h22l-6 52h-24z`} fill={paint.white} />
      ))}
      <g stroke={ink} stroke-width="3">
        <path d="M22 92V36" stroke-width="6" />
        <circle cx="22" cy="28" r="12" fill={paint.amber} />
      </g>
      <Car x={112} y={126} size={1.15} colour={paint.red} />
    </Scene>
  ),
  CORNER: () => (
    <FromAbove>
      <path
        d="M0 96h64q32 0 32-32V0h62v64q0 32 32 32h10v54H0z"
        fill={paint.road}
        stroke={paint.kerb}
        stroke-width="7"
      />
      <path d="M127 6v60M8 124h40M150 124h44" stroke={paint.white} stroke-width="4" stroke-dasharray="12 9" />
      <path
        d="M50 74a44 44 0 0 0 34-36"
        fill="none"
        stroke={paint.red}
        stroke-width="6"
        stroke-dasharray="3 10"
        stroke-linecap="round"
      />
      <CarAbove x={62} y={118} turn={96} />
      <g transform="translate(34 44)">
        <circle r="16" fill={paint.lines} stroke={ink} stroke-width="3" />
        <circle r="8" fill="#6b4226" />
      </g>
    </FromAbove>
  ),
  BUSSTOP: () => (
    <Scene>
      <path d="M10 118h180v26H10z" fill="none" stroke={paint.lines} stroke-width="4" stroke-dasharray="14 8" />
      <g stroke={ink} stroke-width="3" stroke-linejoin="round">
        <path d="M28 92V20" stroke-width="6" />
        <rect x="10" y="6" width="62" height="40" rx="8" fill={paint.red} />
        <path d="M22 32V18q0-4 4-4h30q4 0 4 4v14zM22 25h38" fill={paint.white} />
        <circle cx="31" cy="34" r="4" fill={ink} />
        <circle cx="51" cy="34" r="4" fill={ink} />
      </g>
      <Car x={128} y={114} size={1.1} colour={paint.teal} />
    </Scene>
  ),
  DOUBLEPARK: () => (
    <FromAbove>
      <rect y="18" width="200" height="132" fill={paint.road} />
      <rect y="12" width="200" height="10" fill={paint.kerb} />
      <path d="M0 134h200" stroke={paint.white} stroke-width="4" stroke-dasharray="16 12" />
      <CarAbove x={54} y={48} turn={90} colour={paint.blue} />
      <CarAbove x={146} y={48} turn={90} colour={paint.teal} />
      <CarAbove x={96} y={98} turn={90} colour={paint.red} />
    </FromAbove>
  ),
  GATE: () => (
    <Scene road={104}>
      <g stroke={ink} stroke-width="3.5" stroke-linejoin="round">
        <path d="M30 90V24h18v66zM152 90V24h18v66z" fill={paint.brick} />
        <path
          d="M54 88V38h44v50M102 88V38h44v50M68 38v50M83 38v50M117 38v50M131 38v50"
          fill="none"
          stroke={paint.leaf}
          stroke-width="5"
        />
        <path d="M26 24l13-14 13 14zM148 24l13-14 13 14z" fill={paint.sun} />
      </g>
      <Car x={100} y={136} size={1.15} colour={paint.coral} />
    </Scene>
  ),
  ENGINE: () => (
    <Scene>
      <Car x={78} y={124} size={1.1} colour={paint.blue} driver />
      <g fill="#8c97a1" stroke={ink} stroke-width="3">
        <circle cx="152" cy="106" r="11" />
        <circle cx="170" cy="88" r="15" />
        <circle cx="182" cy="58" r="17" />
      </g>
      <path
        d="M18 42q10-8 0-16t0-16M40 42q10-8 0-16t0-16"
        fill="none"
        stroke={paint.red}
        stroke-width="5"
        stroke-linecap="round"
      />
    </Scene>
  ),
  TURNING: () => (
    <FromAbove>
      <rect y="30" width="200" height="104" fill={paint.road} />
      <path d="M0 26h66M134 26h66M0 138h200" stroke={paint.kerb} stroke-width="9" />
      <path d="M66 30V4h68v26z" fill={paint.path} stroke={ink} stroke-width="3" />
      <path d="M76 24V8M88 24V8M112 24V8M124 24V8" stroke={paint.leaf} stroke-width="5" />
      <CarAbove x={70} y={84} turn={62} colour={paint.plum} />
      <path d="M104 66q46-8 50 34" fill="none" stroke={paint.lines} stroke-width="9" stroke-linecap="round" />
      <path d="M138 98l17 22 15-24z" fill={paint.lines} stroke={paint.lines} stroke-width="4" stroke-linejoin="round" />
    </FromAbove>
  ),
}
