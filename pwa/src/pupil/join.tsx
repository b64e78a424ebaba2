/** A tablet between patrols: one calm page, on which a grown-up lets it join one. */
import { useEffect, useState } from 'preact/hooks'
import { Icon } from '../ui/icons.tsx'
import { usePress } from '../ui/press.ts'
import { isCode, joinText, NotAPatrol, UnknownPhone } from '../patrols/patrol.ts'
import { eraseOld, unsentSince, warned, WARN_AFTER, ERASE_AFTER } from '../store/patrols.ts'
import { useStored } from '../app/stored.ts'
import { Problem } from '../problem.ts'
import { NoSignal } from '../sync/server.ts'
import { joinByCode, joinByLine } from './joining.ts'
import { words } from './words.ts'

export function Join({ line, onLine }: { line: string; onLine: () => void }) {
  const [asking, setAsking] = useState(false)
  const [said, setSaid] = useState('')
  const [busy, setBusy] = useState(line !== '')
  useEffect(() => {
    document.title = 'Beatbook'
    if (line) void enter(line).finally(onLine)
  }, [line])
  const enter = async (typed: string) => {
    setBusy(true)
    setSaid('')
    try {
      await (isCode(typed) ? joinByCode(typed) : joinByLine(typed))
    } catch (error) {
      setSaid(why(error))
      setAsking(true)
      setBusy(false)
    }
  }
  const ask = usePress(() => setAsking(true))
  return (
    <div class="pupil-calm">
      <main>
        <SchoolGate open={asking} />
        <div class="calm-words">
          <h1>{busy ? words.opening : words.noPatrol}</h1>
          {!asking && <p>{words.askToOpen}</p>}
          <Unsent />
          {asking ? (
            <Code said={said} busy={busy} onEnter={enter} onBack={() => setAsking(false)} />
          ) : (
            <>
              <p>
                <a class="button large classroom" href="#/studio">
                  <Icon name="brush" />
                  {words.draw}
                </a>
                <a class="button large classroom" href="#/wow">
                  <Icon name="footprints" />
                  {words.walk}
                </a>
              </p>
              <button type="button" class="grown-up" onClick={ask}>
                <Icon name="key-round" />
                For grown-ups: join a patrol
              </button>
            </>
          )}
        </div>
      </main>
    </div>
  )
}

function Code({
  said,
  busy,
  onEnter,
  onBack,
}: {
  said: string
  busy: boolean
  onEnter: (typed: string) => unknown
  onBack: () => void
}) {
  const [typed, setTyped] = useState('')
  const [wrong, setWrong] = useState('')
  const start = () => {
    const text = joinText(typed)
    if (!isCode(text) && !text.includes('~'))
      setWrong('The code has six letters. Or paste the whole link from the phone.')
    else void onEnter(text)
  }
  return (
    <form
      class="join-form"
      onSubmit={(event) => {
        event.preventDefault()
        setWrong('')
        start()
      }}
    >
      <label for="join-code">Code on the adult’s phone</label>
      {(wrong || said) && (
        <p class="join-wrong" id="join-wrong" role="alert">
          <Icon name="circle-alert" />
          <span>{wrong || said}</span>
        </p>
      )}
      <input
        id="join-code"
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
        autoCapitalize="characters"
        autoComplete="off"
        spellcheck={false}
        placeholder="ABC DEF"
        aria-describedby={wrong || said ? 'join-wrong' : undefined}
        aria-invalid={wrong || said ? true : undefined}
      />
      <div class="join-buttons">
        <button type="submit" class="grown-up primary" disabled={busy}>
          Join
        </button>
        <button type="button" class="grown-up" onClick={onBack}>
          Back
        </button>
      </div>
      <p class="join-hint">No signal? Open the camera of this tablet and scan the square on the phone.</p>
    </form>
  )
}

/** DP6: tickets that were never sent go after 14 days, and the school is told before. */
function Unsent() {
  const left = useStored(unsentSince)
  useEffect(() => {
    const look = async () => {
      const now = Date.now()
      const found = await unsentSince()
      if (found && now - found.oldest >= WARN_AFTER) await warned(now)
      await eraseOld(now)
    }
    void look()
    const daily = setInterval(look, 3_600_000)
    return () => clearInterval(daily)
  }, [])
  if (!left || Date.now() - left.oldest < WARN_AFTER) return null
  const goes = new Date(left.oldest + ERASE_AFTER).toLocaleDateString('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
  })
  return (
    <p class="unsent-warning" role="status">
      <Icon name="triangle-alert" />
      <span>
        Grown-ups: {left.count} {left.count === 1 ? 'ticket was' : 'tickets were'} never sent. They are erased on {goes}
        . Take this tablet to the Wi-Fi before then.
      </span>
    </p>
  )
}

function why(error: unknown): string {
  if (error instanceof NoSignal)
    return 'No signal for the code. Scan the square on the phone with this tablet’s camera.'
  if (error instanceof UnknownPhone)
    return 'This tablet does not know that phone yet. Take it to the Wi-Fi once, then scan again.'
  if (error instanceof NotAPatrol)
    return 'That is not a patrol that is open now. Is the clock of this tablet right? Then ask for a new square.'
  return error instanceof Problem ? error.detail : 'That did not work. Try again.'
}

/** Drawn here: a school gate on a clear morning, closed for now. */
function SchoolGate({ open }: { open: boolean }) {
  return (
    <svg class={`gate ${open ? 'opening' : ''}`} viewBox="0 0 240 200" aria-hidden="true" focusable="false">
      <circle class="sun" cx="121" cy="60" r="26" />
      <ellipse class="ground" cx="120" cy="176" rx="118" ry="20" />
      <path class="post" d="M34 68h18v112H34zM188 68h18v112h-18zM28 68l15-20 15 20zM182 68l15-20 15 20z" />
      <path
        class="bars"
        d="M58 98h60v78H58zM122 98h60v78h-60zM73 98v78M88 98v78M103 98v78M137 98v78M152 98v78M167 98v78"
      />
      <path class="latch" d="M108 132h24v16h-24z" />
    </svg>
  )
}
