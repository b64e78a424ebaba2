/** The grown-up's PIN: four digits on a pad. Wrong ones make everybody wait, longer each time, also across a restart. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { pinCheckOf, type Patrol } from '../patrols/patrol.ts'
import { setTries, tries } from '../store/patrols.ts'
import { Icon } from '../ui/icons.tsx'
import { after } from './waiting.ts'
import { words } from './words.ts'

export function Pin({ patrol, onRight, onBack }: { patrol: Patrol; onRight: () => unknown; onBack: () => unknown }) {
  const [typed, setTyped] = useState('')
  const [said, setSaid] = useState('')
  const [wait, setWait] = useState(0)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus()
    const look = async () => setWait(Math.max(0, (await tries()).until - Date.now()))
    void look()
    const ticking = setInterval(look, 1000)
    return () => clearInterval(ticking)
  }, [])
  const type = async (digit: string) => {
    if (wait > 0 || typed.length === 4) return
    const now = typed + digit
    setTyped(now)
    setSaid('')
    if (now.length < 4) return
    if ((await pinCheckOf(now, patrol.pinSalt)) === patrol.pinCheck) {
      await setTries({ wrong: 0, until: 0 })
      onRight()
      return
    }
    const next = after(await tries(), Date.now())
    await setTries(next)
    setWait(Math.max(0, next.until - Date.now()))
    setSaid('That is not the PIN.')
    setTyped('')
  }
  return (
    <div class="pin-page">
      <main class="pin" onKeyDown={(event) => /^\d$/.test(event.key) && void type(event.key)}>
        <h1 ref={heading} tabIndex={-1}>
          {words.askPin}
        </h1>
        <p class="pin-dots" role="img" aria-label={`${typed.length} of 4 digits`}>
          {[0, 1, 2, 3].map((at) => (
            <span key={at} class={at < typed.length ? 'filled' : ''} />
          ))}
        </p>
        <p class="pin-said" role="status">
          {wait > 0 ? `Wait ${waitWords(wait)}.` : said}
        </p>
        <div class="pin-pad">
          {['1', '2', '3', '4', '5', '6', '7', '8', '9'].map((digit) => (
            <button key={digit} type="button" onClick={() => type(digit)} disabled={wait > 0}>
              {digit}
            </button>
          ))}
          <button type="button" class="pin-side" onClick={onBack}>
            <Icon name="undo-2" />
            {words.back}
          </button>
          <button type="button" onClick={() => type('0')} disabled={wait > 0}>
            0
          </button>
          <button type="button" class="pin-side" onClick={() => setTyped(typed.slice(0, -1))}>
            <Icon name="x" />
            Clear
          </button>
        </div>
      </main>
    </div>
  )
}

function waitWords(wait: number): string {
  const seconds = Math.ceil(wait / 1000)
  return seconds > 90 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} seconds`
}
