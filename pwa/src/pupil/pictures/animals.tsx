/** The eight teams. */
import type { JSX } from 'preact'
import { Blank, ink } from './parts.tsx'

const eyes = (x = 22, y = 66, r = 6) => (
  <>
    <circle cx={75 - x} cy={y} r={r} fill={ink} stroke="none" />
    <circle cx={75 + x} cy={y} r={r} fill={ink} stroke="none" />
    <circle cx={77 - x} cy={y - 2} r={r / 3} fill="#fff" stroke="none" />
    <circle cx={77 + x} cy={y - 2} r={r / 3} fill="#fff" stroke="none" />
  </>
)

function Animal({ children }: { children: JSX.Element }) {
  return (
    <Blank figure>
      <g stroke={ink} stroke-width="4" stroke-linejoin="round" stroke-linecap="round">
        {children}
      </g>
    </Blank>
  )
}

export const animals: Record<string, () => JSX.Element> = {
  fox: () => (
    <Animal>
      <>
        <path d="M22 18l34 22h38l34-22 6 52q0 30-59 68Q16 100 16 70z" fill="#f2803a" />
        <path d="M30 30l18 16-20 14zM120 30l-18 16 20 14z" fill="#5a3524" />
        <path d="M18 78q30 2 40 30l17 28q-55-34-57-58zM132 78q-30 2-40 30l-17 28q55-34 57-58z" fill="#fff" />
        {eyes(24, 74)}
        <path d="M66 122q9-6 18 0l-9 12z" fill={ink} />
      </>
    </Animal>
  ),
  owl: () => (
    <Animal>
      <>
        <path d="M28 22q20 2 30 12h34q10-10 30-12 2 24-2 34 8 80-45 80T30 56q-4-10-2-34z" fill="#9a6b43" />
        <path d="M46 104q8-10 16 0 6 10 13 0 6-10 13 0 8 10 16 0-4 30-29 30t-29-30z" fill="#e9cda3" />
        <circle cx="53" cy="68" r="22" fill="#fff" />
        <circle cx="97" cy="68" r="22" fill="#fff" />
        <circle cx="53" cy="68" r="10" fill={ink} />
        <circle cx="97" cy="68" r="10" fill={ink} />
        <path d="M66 84h18l-9 18z" fill="#ffb000" />
      </>
    </Animal>
  ),
  otter: () => (
    <Animal>
      <>
        <circle cx="30" cy="48" r="13" fill="#7a5237" />
        <circle cx="120" cy="48" r="13" fill="#7a5237" />
        <path d="M75 22q56 0 56 58 0 52-56 52T19 80q0-58 56-58z" fill="#8d6242" />
        <path d="M75 70q38 0 38 34 0 26-38 26t-38-26q0-34 38-34z" fill="#f0dcc0" />
        {eyes(28, 62)}
        <path d="M62 82q13-8 26 0-2 14-13 14T62 82z" fill={ink} />
        <path
          d="M75 96v10q-8 8-16 4M75 106q8 8 16 4M40 98l-26-6M40 108l-26 6M110 98l26-6M110 108l26 6"
          fill="none"
          stroke-width="3"
        />
      </>
    </Animal>
  ),
  badger: () => (
    <Animal>
      <>
        <circle cx="32" cy="36" r="15" fill="#fff" />
        <circle cx="118" cy="36" r="15" fill="#fff" />
        <path d="M75 16q54 0 54 52 0 46-54 70-54-24-54-70 0-52 54-52z" fill="#fff" />
        <path
          d="M44 26q14-8 22-6l2 62-14 38q-22-16-28-42-2-34 18-52zM106 26q-14-8-22-6l-2 62 14 38q22-16 28-42 2-34-18-52z"
          fill="#333f4a"
        />
        <circle cx="50" cy="70" r="6" fill="#fff" stroke="none" />
        <circle cx="100" cy="70" r="6" fill="#fff" stroke="none" />
        <path d="M60 112q15-10 30 0-4 18-15 18t-15-18z" fill={ink} />
      </>
    </Animal>
  ),
  heron: () => (
    <Animal>
      <>
        <path d="M40 142q-6-44 22-58 6-44 40-46 30 2 30 30 0 24-28 26-10 22 8 48z" fill="#b9c7d6" />
        <path d="M96 40Q70 26 30 34q30 2 52 18z" fill={ink} />
        <path d="M116 46l34 18-36 14z" fill="#ffb000" transform="translate(-2 0)" />
        <path d="M84 104q2 20 8 34M70 108q-2 18 2 32" fill="none" stroke="#fff" />
        <circle cx="106" cy="60" r="7" fill="#fff" />
        <circle cx="107" cy="60" r="3.4" fill={ink} stroke="none" />
      </>
    </Animal>
  ),
  hare: () => (
    <Animal>
      <>
        <path d="M58 66Q36 40 40 8q26 10 30 52zM92 66q22-26 18-58-26 10-30 52z" fill="#c99a66" />
        <path d="M56 54Q46 36 47 22q12 10 14 32zM94 54q10-18 9-32-12 10-14 32z" fill="#f6c7bd" stroke-width="2.5" />
        <path d="M75 52q44 0 44 44 0 44-44 44t-44-44q0-44 44-44z" fill="#d8ab78" />
        <path d="M75 98q22 0 22 20 0 18-22 18t-22-18q0-20 22-20z" fill="#fff" />
        {eyes(22, 88)}
        <path d="M68 104h14l-7 9z" fill="#e2776b" />
        <path d="M75 113v8q-6 6-12 2M75 121q6 6 12 2" fill="none" stroke-width="3" />
      </>
    </Animal>
  ),
  robin: () => (
    <Animal>
      <>
        <path d="M60 136v12M88 136v12" stroke-width="5" />
        <path d="M134 92q20-2 14-22-40 2-50-30-34-30-62 0-24 28-16 60 8 38 52 38 52 0 62-46z" fill="#9c7550" />
        <path d="M22 72q18-22 44-6 26 20 10 52-14 18-32 14-26-14-22-60z" fill="#ef5b3c" />
        <path d="M18 52L2 62l18 8z" fill="#ffb000" />
        <circle cx="46" cy="50" r="6" fill={ink} stroke="none" />
        <circle cx="48" cy="48" r="2" fill="#fff" stroke="none" />
        <path d="M92 84q30-4 36 22-24 14-42-2" fill="#7d5a3b" />
      </>
    </Animal>
  ),
  seal: () => (
    <Animal>
      <>
        <path d="M75 18q58 0 58 62 0 56-58 56T17 80q0-62 58-62z" fill="#8fa3b5" />
        <path d="M75 78q34 0 34 26t-34 26-34-26 34-26z" fill="#e7eef4" />
        {eyes(27, 64, 9)}
        <path d="M63 86q12-8 24 0-2 12-12 12t-12-12z" fill={ink} />
        <path
          d="M75 98v8q-8 8-15 3M75 106q8 8 15 3M46 100l-28-2M46 110l-26 8M104 100l28-2M104 110l26 8"
          fill="none"
          stroke-width="3"
        />
        <path d="M42 38q4-6 10-7M98 31q8 2 10 7" fill="none" />
      </>
    </Animal>
  ),
}
