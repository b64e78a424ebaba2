/** MT14: somebody is cross. The whole screen says what to do, and nothing else can be done on it. */
import { useEffect, useRef } from 'preact/hooks'
import { usePress } from '../ui/press.ts'
import { words } from './words.ts'

export function Cross({ onDone }: { onDone: () => unknown }) {
  const press = usePress(onDone)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = words.crossTitle
    heading.current?.focus()
  }, [])
  return (
    <div class="cross-page">
      <main>
        <svg class="cross-picture" viewBox="0 0 300 170" aria-hidden="true" focusable="false">
          <path d="M0 150h300" stroke="#fff" stroke-width="8" stroke-linecap="round" />
          <g stroke="#22303c" stroke-width="5" stroke-linejoin="round" stroke-linecap="round">
            <path d="M196 146V82q0-18 18-18h22q18 0 18 18v64" fill="#4a90e2" />
            <path d="M198 92l-34 20" stroke-width="12" stroke="#f2b98d" />
            <circle cx="225" cy="38" r="26" fill="#f2b98d" />
            <path d="M199 36q2-28 26-28t26 28q-10-12-26-12t-26 12z" fill="#3a3a44" />
            <path d="M112 146v-18M132 146v-18" stroke-width="11" />
            <path d="M102 98q0-12 12-12h16q12 0 12 12v32h-40z" fill="#ffd400" />
            <path d="M102 112h40" stroke="#fff" stroke-width="6" />
            <circle cx="122" cy="66" r="20" fill="#f2b98d" />
            <path d="M102 64q1-22 20-22t20 22q-8-10-20-10t-20 10z" fill="#6b4226" />
            <path d="M84 108H34M52 90l-20 18 20 18" fill="none" stroke="#fff" stroke-width="12" />
          </g>
        </svg>
        <h1 ref={heading} tabIndex={-1}>
          {words.crossTitle}
        </h1>
        <p class="cross-tell">{words.crossTell}</p>
        <p>{words.crossKind}</p>
        <button type="button" class="big-button white" onClick={press}>
          {words.crossDone}
        </button>
      </main>
    </div>
  )
}
