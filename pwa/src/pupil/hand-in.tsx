/** The end of a patrol on this tablet: it stays until everything is sent, then leaves nothing for the next class. */
import { useEffect, useState } from 'preact/hooks'
import { goInstead } from '../app/route.ts'
import { useStatus, useStored } from '../app/stored.ts'
import { clearTablet, handIn, setJoined, type Joined } from '../store/patrols.ts'
import { sendNow } from '../sync/index.ts'
import { Icon } from '../ui/icons.tsx'
import { reportTrouble } from '../app/trouble.tsx'
import { Pin } from './pin.tsx'
import { words } from './words.ts'

const FORGOTTEN_AFTER = 12 * 3_600_000 // sent and left lying: the next class finds nothing, PIN or no PIN

export function HandIn({ patrol }: { patrol: Joined }) {
  const left = useStored(handIn)
  const status = useStatus()
  const [pin, setPin] = useState<'clear' | 'go on' | null>(null)
  useEffect(() => {
    document.title = words.closedTitle
    void sendNow()
  }, [])
  useEffect(() => {
    const isLate = Date.now() - Date.parse(patrol.endsAt) > FORGOTTEN_AFTER
    if (left?.unsent === 0 && left.refused === 0 && isLate) clear().catch(reportTrouble)
  }, [left])
  if (pin) {
    const open = () => (pin === 'clear' ? clear() : setJoined({ ...patrol, handingIn: false })).catch(reportTrouble)
    return <Pin patrol={patrol} onBack={() => setPin(null)} onRight={open} />
  }
  const isSent = left?.unsent === 0
  const goOn = patrol.handingIn && patrol.state !== 'closed'
  return (
    <div class="hand-in">
      <main>
        <Children />
        <h1>{words.closedTitle}</h1>
        <p class="hand-in-pupils">{words.closedTell}</p>
        <section class="for-adults" aria-label="For the grown-up">
          {left && (
            <p class={`hand-in-count ${isSent ? 'sent' : ''}`} role="status">
              <Icon name={isSent ? 'circle-check' : 'cloud-upload'} />
              {isSent
                ? 'Everything is sent.'
                : `${left.unsent} ${left.unsent === 1 ? 'ticket is' : 'tickets are'} still on this tablet. ${status.words}`}
            </p>
          )}
          {left && left.refused > 0 && (
            <p class="hand-in-refused">
              <Icon name="triangle-alert" />
              {left.refused} could not be taken, because they were made outside the patrol. They go when you clear the
              tablet.
            </p>
          )}
          <div class="hand-in-buttons">
            {isSent ? (
              <button type="button" class="grown-up primary" onClick={() => setPin('clear')}>
                <Icon name="lock" />
                Clear this tablet, with the PIN
              </button>
            ) : (
              <button type="button" class="grown-up primary" onClick={() => sendNow()}>
                <Icon name="send" />
                Send now
              </button>
            )}
            {goOn && (
              <button type="button" class="grown-up" onClick={() => setPin('go on')}>
                Go on with the patrol, with the PIN
              </button>
            )}
          </div>
          {!isSent && (
            <p class="hand-in-hint">Take it to the Wi-Fi. They go by themselves, and nothing is lost on the way.</p>
          )}
        </section>
      </main>
    </div>
  )
}

/** Nothing of the patrol, and whatever address somebody tried meanwhile: the next class begins at the gate. */
async function clear(): Promise<void> {
  await clearTablet()
  goInstead('/')
}

function Children() {
  return (
    <svg class="hand-in-picture" viewBox="0 0 240 90" aria-hidden="true" focusable="false">
      <path d="M6 84q114-22 228 0" fill="none" stroke="#9bd48f" stroke-width="10" stroke-linecap="round" />
      {[50, 95, 140, 185].map((x, at) => (
        <g
          key={x}
          transform={`translate(${x} ${at % 3 === 0 ? 76 : 72})`}
          stroke="#22303c"
          stroke-width="3"
          stroke-linecap="round"
          stroke-linejoin="round"
        >
          <path d="M-7-14v13M7-14v13" stroke-width="7" />
          <path d="M-13-34q0-8 8-8h10q8 0 8 8v22h-26z" fill={['#ffd400', '#27b3a2', '#ff7059', '#4a90e2'][at]} />
          <path d="M-13-34l-9-12M13-34l9-12" />
          <circle cy="-54" r="13" fill="#f2b98d" />
          <path d="M-13-56q1-13 13-13t13 13q-6-7-13-7t-13 7z" fill={['#6b4226', '#3a3a44', '#c98a3a', '#20262c'][at]} />
          <path d="M-4-50q4 4 8 0" fill="none" />
        </g>
      ))}
    </svg>
  )
}
