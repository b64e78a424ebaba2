/** A new PIN: chosen once, typed again, and never one of those that are tried first. */
import { useState } from 'preact/hooks'
import { reportTrouble } from '../app/trouble.tsx'
import { DIGITS, tooEasy } from '../store/keyring.ts'
import { Keypad } from './keypad.tsx'
import { LockPage } from './page.tsx'

interface Props {
  title?: string
  /** Resolves when the phone is unlocked with it. */
  onChosen: (pin: string) => Promise<unknown>
}

const WHY = `Beatbook locks after two minutes. Your PIN of ${DIGITS} digits opens it. Nobody at the office can look it up.`

export function ChoosePin({ title = 'Choose a PIN', onChosen }: Props) {
  const choice = usePinChoice(title, onChosen)
  return (
    <LockPage title={choice.step} said={choice.said} wrong={choice.wrong}>
      <Keypad key={choice.step} asks={choice.step} busy={choice.busy} onPin={choice.take} />
    </LockPage>
  )
}

/** The two steps of choosing, for whatever they stand on. */
export function usePinChoice(title: string, onChosen: (pin: string) => Promise<unknown>) {
  const [first, setFirst] = useState('')
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const take = (pin: string) => {
    if (!first) {
      const easy = tooEasy(pin)
      setProblem(easy ?? '')
      if (!easy) setFirst(pin)
    } else if (pin !== first) {
      setProblem('Those two were not the same. Start again.')
      setFirst('')
    } else {
      setBusy(true)
      onChosen(pin)
        .catch(reportTrouble)
        .finally(() => setBusy(false))
    }
  }
  return {
    step: first ? 'Type it again' : title,
    said: busy ? 'Locking away what is on this phone…' : problem || (first ? 'So that no slip locks you out.' : WHY),
    wrong: problem !== '' && !busy,
    busy,
    take,
  }
}
