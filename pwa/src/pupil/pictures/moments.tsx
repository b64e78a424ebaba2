/** Faces, vehicles, places, and what happens with a ticket. */
import type { JSX } from 'preact'
import { Arrow, Blank, Car, Head, Heart, ink, Note, paint, Pupil, Scene, Speech } from './parts.tsx'

const stroke = { stroke: ink, 'stroke-width': 4, 'stroke-linejoin': 'round', 'stroke-linecap': 'round' } as const

function Face({ colour, mouth, brows }: { colour: string; mouth: string; brows?: string }) {
  return (
    <Blank figure>
      <g {...stroke} stroke-width="5">
        <circle cx="75" cy="75" r="66" fill={colour} />
        <circle cx="52" cy="60" r="8" fill={ink} stroke="none" />
        <circle cx="98" cy="60" r="8" fill={ink} stroke="none" />
        <path d={mouth} fill="none" stroke-width="8" />
        {brows && <path d={brows} fill="none" stroke-width="6" />}
      </g>
    </Blank>
  )
}

/** Green smiles, amber is straight, red is worried: the mouth says it to those who do not see the colour. */
export const faces: Record<string, () => JSX.Element> = {
  green: () => <Face colour="#58c77f" mouth="M42 86q33 36 66 0" />,
  amber: () => <Face colour="#ffc94d" mouth="M46 102h58" />,
  red: () => <Face colour="#ff8a7a" mouth="M46 112q29-28 58 0" brows="M38 44l20-8M112 44l-20-8" />,
}

export const drivers: Record<string, () => JSX.Element> = {
  yes: () => (
    <Scene>
      <Car x={100} y={128} size={1.45} driver colour={paint.teal} />
    </Scene>
  ),
  no: () => (
    <Scene>
      <Car x={100} y={128} size={1.45} colour={paint.teal} />
    </Scene>
  ),
}

export const given: Record<string, () => JSX.Element> = {
  windscreen: () => (
    <Blank>
      <rect width="200" height="150" fill={paint.sky} />
      <g {...stroke}>
        <path d="M36 84l20-52q3-8 12-8h64q9 0 12 8l20 52z" fill={paint.glass} />
        <path d="M18 132V98q0-14 14-14h136q14 0 14 14v34z" fill={paint.coral} />
        <circle cx="44" cy="108" r="11" fill={paint.sun} />
        <circle cx="156" cy="108" r="11" fill={paint.sun} />
        <path d="M78 110h44" stroke-width="6" />
        <path d="M26 132v10M174 132v10" stroke-width="16" />
        <path d="M60 82l44-12" stroke-width="6" />
      </g>
      <Note x={120} y={58} size={0.8} turn={10} />
    </Blank>
  ),
  handed: () => (
    <Blank>
      <rect width="200" height="150" fill={paint.sky} />
      <rect y="128" width="200" height="22" fill={paint.path} />
      <Pupil x={44} y={132} size={1.15} />
      <g {...stroke}>
        <path d="M146 130V82q0-12 12-12h14q12 0 12 12v48" fill={paint.blue} />
        <path d="M148 84l-28 2" stroke-width="9" stroke={ink} />
      </g>
      <Head x={166} y={46} size={1.1} colour="#3a3a44" />
      <Note x={100} y={80} size={0.8} turn={-8} />
    </Blank>
  ),
  told: () => (
    <Blank>
      <rect width="200" height="150" fill={paint.sky} />
      <rect y="132" width="200" height="18" fill={paint.path} />
      <Pupil x={40} y={138} size={1.2} />
      <Speech x={76} y={18} w={108} h={66}>
        <path d="M22 24h64M22 40h44" stroke={ink} stroke-width="6" stroke-linecap="round" />
      </Speech>
    </Blank>
  ),
  drove_off: () => (
    <Scene>
      <path d="M8 96h42M2 112h34M12 128h34" stroke={paint.white} stroke-width="6" stroke-linecap="round" />
      <Car x={128} y={132} size={1.15} colour={paint.blue} driver flip />
    </Scene>
  ),
  not_given: () => (
    <Blank>
      <rect width="200" height="150" fill={paint.sky} />
      <g {...stroke}>
        <path d="M62 62h76l10 76H52z" fill={paint.teal} />
        <path d="M78 62V46q0-22 22-22t22 22v16" fill="none" stroke-width="6" />
      </g>
      <Note x={100} y={68} size={0.95} turn={-6} />
      <path d="M56 92h88l6 46H50z" fill={paint.teal} {...stroke} />
      <Heart x={100} y={118} size={0.6} colour={paint.sun} />
    </Blank>
  ),
}

export const nexts: Record<string, () => JSX.Element> = {
  moved: () => (
    <Scene>
      <Car x={70} y={132} size={1.0} colour={paint.blue} driver flip />
      <Arrow x={158} y={104} size={0.95} colour={paint.sun} />
    </Scene>
  ),
  thanks: () => (
    <Blank>
      <rect width="200" height="150" fill={paint.sky} />
      <Head x={50} y={104} size={1.7} />
      <Speech x={78} y={14} w={108} h={72}>
        <Heart x={54} y={38} size={1} />
      </Speech>
    </Blank>
  ),
  sorry: () => (
    <Blank>
      <rect width="200" height="150" fill={paint.sky} />
      <g {...stroke}>
        <circle cx="100" cy="78" r="54" fill={paint.skin} />
        <path d="M46 70q2-48 54-48t54 48q-24-22-54-22T46 70z" fill="#3a3a44" />
        <path d="M70 82q8-6 14 0M116 82q8-6 14 0" fill="none" stroke-width="5" />
        <path d="M84 110q16-10 32 0" fill="none" stroke-width="6" />
        <path d="M138 128q10-30 28-26 8 10-6 34z" fill={paint.skin} />
      </g>
    </Blank>
  ),
  reason: () => (
    <Blank>
      <rect width="200" height="150" fill={paint.sky} />
      <Head x={50} y={104} size={1.7} colour="#c98a3a" />
      <Speech x={78} y={14} w={108} h={72}>
        <g fill={ink}>
          <circle cx="30" cy="36" r="7" />
          <circle cx="54" cy="36" r="7" />
          <circle cx="78" cy="36" r="7" />
        </g>
      </Speech>
    </Blank>
  ),
  stayed: () => (
    <Scene>
      <Car x={100} y={130} size={1.25} colour={paint.plum} driver />
      <path d="M128 34h26l-26 26h26M166 12h18l-18 18h18" fill="none" {...stroke} stroke-width="6" />
    </Scene>
  ),
  cross: () => (
    <Blank>
      <rect width="200" height="150" fill="#ffe1da" />
      <g {...stroke}>
        <circle cx="100" cy="80" r="54" fill="#ff9b86" />
        <path d="M68 58l24 12M132 58l-24 12" stroke-width="7" />
        <circle cx="82" cy="80" r="6" fill={ink} stroke="none" />
        <circle cx="118" cy="80" r="6" fill={ink} stroke="none" />
        <path d="M78 112q22-18 44 0" fill="none" stroke-width="7" />
        <path d="M30 40l-16-12M26 66H6M170 40l16-12M174 66h20" stroke-width="6" stroke={paint.red} />
      </g>
    </Blank>
  ),
  nobody: () => (
    <Scene>
      <Car x={100} y={130} size={1.25} />
    </Scene>
  ),
}

function Vehicle({ children }: { children: JSX.Element }) {
  return (
    <Scene>
      <g {...stroke}>{children}</g>
    </Scene>
  )
}

const wheels = (...xs: number[]) => (
  <>
    {xs.map((x) => (
      <g key={x}>
        <circle cx={x} cy="120" r="14" fill={ink} />
        <circle cx={x} cy="120" r="5" fill={paint.kerb} stroke="none" />
      </g>
    ))}
  </>
)

export const vehicles: Record<string, () => JSX.Element> = {
  car: () => (
    <Scene>
      <Car x={100} y={134} size={1.4} />
    </Scene>
  ),
  van: () => (
    <Vehicle>
      <>
        <path d="M22 118V50q0-8 8-8h92l44 34 12 8v34z" fill={paint.white} />
        <path d="M112 52h10l28 24h-38z" fill={paint.glass} />
        {wheels(58, 142)}
      </>
    </Vehicle>
  ),
  taxi: () => (
    <Vehicle>
      <>
        <rect x="82" y="26" width="40" height="16" rx="5" fill={paint.amber} />
        <path d="M18 118V88q0-10 12-12l22-4 18-22q4-8 12-8h42q8 0 13 7l16 23q26 2 26 18v28z" fill="#2f3a45" />
        <path d="M66 72l12-16q3-4 8-4h12v20zM106 52h16q5 0 8 5l11 15h-35z" fill={paint.glass} />
        {wheels(54, 148)}
      </>
    </Vehicle>
  ),
  bus: () => (
    <Vehicle>
      <>
        <path d="M14 118V36q0-12 12-12h148q12 0 12 12v82z" fill={paint.red} />
        <path d="M26 40h34v30H26zM70 40h34v30H70zM114 40h34v30h-34zM158 40h18v62h-18z" fill={paint.glass} />
        {wheels(52, 136)}
      </>
    </Vehicle>
  ),
  lorry: () => (
    <Vehicle>
      <>
        <path d="M10 118V26h116v92z" fill={paint.teal} />
        <path d="M130 118V54h30l28 34v30z" fill={paint.sun} />
        <path d="M140 64h15l16 22h-31z" fill={paint.glass} />
        {wheels(36, 70, 154)}
      </>
    </Vehicle>
  ),
  motorbike: () => (
    <Vehicle>
      <>
        <path d="M52 118l26-40h50l22 40M78 78l-14-16H46M128 78l-10-26h20" fill="none" stroke-width="7" />
        <path d="M72 84h58q8 12-6 22H88z" fill={paint.red} />
        <path d="M56 66h40q4 10-6 14H70z" fill={ink} />
        {wheels(50, 150)}
      </>
    </Vehicle>
  ),
  not_sure: () => (
    <Blank>
      <rect width="200" height="150" fill={paint.sky} />
      <g {...stroke}>
        <circle cx="100" cy="75" r="56" fill={paint.sun} />
        <path d="M80 60q0-20 20-20t20 18q0 12-12 18-8 5-8 14" fill="none" stroke-width="10" />
        <circle cx="100" cy="108" r="7" fill={ink} stroke="none" />
      </g>
    </Blank>
  ),
}

const COLOURS: Record<string, string> = {
  black: '#20262c',
  white: '#ffffff',
  silver: '#b7c0c8',
  blue: '#3b7dd8',
  red: '#df3b34',
  green: '#2e9d57',
}

export function colour(name: string): JSX.Element {
  if (!COLOURS[name])
    return (
      <Blank>
        <rect width="200" height="150" fill={paint.sky} />
        {Object.values({ a: paint.sun, b: paint.plum, c: paint.coral, d: paint.wood }).map((fill, at) => (
          <circle key={fill} cx={76 + (at % 2) * 48} cy={52 + Math.floor(at / 2) * 46} r="28" fill={fill} {...stroke} />
        ))}
      </Blank>
    )
  return (
    <Scene>
      <Car x={100} y={134} size={1.4} colour={COLOURS[name]!} />
    </Scene>
  )
}

/** A place at the school, by what its name says. */
export function spot(label: string): JSX.Element {
  const found = SPOTS.find(([word]) => word.test(label))
  return found ? found[1]() : <Pin />
}

function Pin() {
  return (
    <Scene>
      <path d="M100 118q-38-46-38-68 0-36 38-36t38 36q0 22-38 68z" fill={paint.coral} {...stroke} />
      <circle cx="100" cy="50" r="14" fill={paint.white} {...stroke} />
    </Scene>
  )
}

const SPOTS: [RegExp, () => JSX.Element][] = [
  [
    /gate|entrance/i,
    () => (
      <Scene road={120}>
        <g {...stroke}>
          <path d="M30 106V30h20v76zM150 106V30h20v76z" fill={paint.brick} />
          <path d="M26 30l14-16 14 16zM146 30l14-16 14 16z" fill={paint.sun} />
          <path
            d="M56 104V46h42v58M102 104V46h42v58M70 46v58M84 46v58M116 46v58M130 46v58"
            fill="none"
            stroke={paint.leaf}
            stroke-width="6"
          />
        </g>
      </Scene>
    ),
  ],
  [
    /bus/i,
    () => (
      <Scene road={120}>
        <g {...stroke}>
          <path d="M40 112V24" stroke-width="8" />
          <rect x="20" y="12" width="80" height="52" rx="9" fill={paint.red} />
          <path d="M36 46V26q0-4 4-4h40q4 0 4 4v20zM36 36h48" fill={paint.white} />
          <circle cx="48" cy="49" r="5" fill={ink} />
          <circle cx="72" cy="49" r="5" fill={ink} />
          <path d="M118 112V52h64v60M112 52h76" fill="none" stroke-width="6" />
          <path d="M126 94h48" stroke-width="8" stroke={paint.wood} />
        </g>
      </Scene>
    ),
  ],
  [
    /corner|junction/i,
    () => (
      <Blank>
        <rect width="200" height="150" fill={paint.grass} />
        <path
          d="M0 78h70q30 0 30-30V0h62v48q0 30 30 30h8v62H0z"
          fill={paint.road}
          stroke={paint.kerb}
          stroke-width="8"
        />
        <path d="M131 6v50M8 110h60M140 110h52" stroke={paint.white} stroke-width="5" stroke-dasharray="14 10" />
        <circle cx="46" cy="36" r="22" fill={paint.leaf} {...stroke} />
      </Blank>
    ),
  ],
  [
    /path|nursery|alley|lane/i,
    () => (
      <Blank>
        <rect width="200" height="150" fill={paint.sky} />
        <path d="M0 70q50-20 100-8t100 4v84H0z" fill={paint.grass} />
        <path d="M70 150q40-40 20-84h16q36 40 30 84z" fill={paint.path} {...stroke} />
        <g {...stroke}>
          <path d="M36 96V74M164 100V78" stroke-width="8" />
          <circle cx="36" cy="54" r="26" fill={paint.leaf} />
          <circle cx="164" cy="58" r="26" fill={paint.leaf} />
        </g>
      </Blank>
    ),
  ],
  [
    /park|lay-?by/i,
    () => (
      <Blank>
        <rect width="200" height="150" fill={paint.road} />
        <path d="M20 140V70M80 140V70M140 140V70M196 140V70" stroke={paint.white} stroke-width="6" />
        <rect x="24" y="8" width="56" height="56" rx="9" fill={paint.blue} {...stroke} />
        <path d="M44 52V20h14q10 0 10 10t-10 10H44" fill="none" stroke={paint.white} stroke-width="7" />
        <Car x={112} y={132} size={0.6} />
      </Blank>
    ),
  ],
  [
    /shop/i,
    () => (
      <Scene road={124}>
        <g {...stroke}>
          <path d="M40 110V50h120v60z" fill={paint.brick} />
          <path
            d="M32 50l12-26h112l12 26q-8 14-17 0-8 14-17 0-8 14-17 0-8 14-17 0-8 14-17 0-8 14-17 0-9 14-17 0z"
            fill={paint.sun}
          />
          <path d="M56 70h44v28H56z" fill={paint.glass} />
          <path d="M116 110V70h28v40z" fill={paint.teal} />
        </g>
      </Scene>
    ),
  ],
  [
    /crossing|zebra/i,
    () => (
      <Scene>
        {[10, 46, 82, 118, 154, 190].map((x) => (
          <path key={x} d={`M${x - 10} 98h22l-6 52h-24z`} fill={paint.white} />
        ))}
        <Pupil x={100} y={132} size={1.3} />
      </Scene>
    ),
  ],
]
