/** Six digits on keys for a gloved thumb, or from a keyboard. Given on as soon as the last is there. */
import { useEffect, useState } from 'preact/hooks'
import { DIGITS } from '../store/keyring.ts'
import { Icon } from '../ui/icons.tsx'

interface Props {
  /** What is asked, for who hears it. */
  asks: string
  /** Nothing can be typed now. */
  busy: boolean
  onPin: (pin: string) => unknown
}

export function Keypad({ asks, busy, onPin }: Props) {
  const [typed, setTyped] = useState('')
  const type = (digit: string) => {
    if (busy) return
    const now = typed + digit
    setTyped(now.length < DIGITS ? now : '')
    if (now.length === DIGITS) onPin(now)
  }
  const back = () => setTyped(typed.slice(0, -1))
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (/^\d$/.test(event.key)) type(event.key)
      if (event.key === 'Backspace') back()
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  })
  const filled = busy ? DIGITS : typed.length
  return (
    <div class="lock-pad" role="group" aria-label={asks}>
      <p class="lock-dots" role="img" aria-label={`${typed.length} of ${DIGITS} digits`}>
        {Array.from({ length: DIGITS }, (_, at) => (
          <span key={at} class={at < filled ? 'filled' : ''} />
        ))}
      </p>
      {['1', '2', '3', '4', '5', '6', '7', '8', '9'].map((digit) => (
        <Key key={digit} digit={digit} onDigit={type} />
      ))}
      <span />
      <Key digit="0" onDigit={type} />
      <button type="button" class="lock-key" onClick={back} aria-label="Take back one digit">
        <Icon name="arrow-left" />
      </button>
    </div>
  )
}

function Key({ digit, onDigit }: { digit: string; onDigit: (digit: string) => void }) {
  return (
    <button type="button" class="lock-key" onClick={() => onDigit(digit)}>
      {digit}
    </button>
  )
}
