/** A locked phone: who are you, and your PIN. It goes on sending behind this screen. */
import { useEffect, useState } from 'preact/hooks'
import { Enrol } from '../app/enrol.tsx'
import { reportTrouble } from '../app/trouble.tsx'
import { people, startAnew, unlock } from '../store/keyring.ts'
import type { Device } from '../types.ts'
import { Button, LinkButton } from '../ui/button.tsx'
import { ChoosePin } from './choose-pin.tsx'
import { Keypad } from './keypad.tsx'
import { LockPage } from './page.tsx'

type Known = Awaited<ReturnType<typeof people>>
type Step = 'pin' | 'forgotten' | 'code' | 'new'

export function LockScreen({ owner, onEnrolled }: { owner: Device; onEnrolled: () => void }) {
  const [known, setKnown] = useState<Known>()
  const [who, setWho] = useState<string>()
  const [step, setStep] = useState<Step>('pin')
  useEffect(() => {
    people().then((found) => {
      setKnown(found)
      if (found.length === 1) setWho(found[0]!.id)
    }, reportTrouble)
  }, [])
  if (!known) return null
  const person = known.find(({ id }) => id === who)
  if (!person)
    return (
      <LockPage title="Who are you?" said="Beatbook is locked.">
        <ul class="lock-people">
          {known.map(({ id, name }) => (
            <li key={id}>
              <Button kind="large" class="wide" icon="user" onPress={() => setWho(id)}>
                {name}
              </Button>
            </li>
          ))}
        </ul>
      </LockPage>
    )
  const back = known.length > 1 ? () => setWho(undefined) : undefined
  switch (step) {
    case 'forgotten':
      return <Forgotten onCode={() => setStep('code')} onBack={() => setStep('pin')} />
    case 'code':
      return (
        <Enrol
          code=""
          owner={owner}
          wiped={false}
          onEnrolled={() => {
            onEnrolled()
            setStep('new')
          }}
        />
      )
    case 'new':
      return <ChoosePin title="Choose a new PIN" onChosen={(pin) => startAnew(person.id, pin)} />
    default:
      return <AskPin person={person} onForgotten={() => setStep('forgotten')} onBack={back} />
  }
}

interface AskProps {
  person: Known[number]
  onForgotten: () => void
  onBack: (() => void) | undefined
}

function AskPin({ person, onForgotten, onBack }: AskProps) {
  const [tried, setTried] = useState({ wrong: person.wrong, until: person.until })
  const [busy, setBusy] = useState(false)
  const [now, setNow] = useState(Date.now)
  const waits = tried.until > now
  useEffect(() => {
    if (!waits) return
    const ticking = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(ticking)
  }, [waits])
  const tryPin = async (pin: string) => {
    setBusy(true)
    try {
      const answer = await unlock(person.id, pin)
      if (answer !== 'open') setTried(answer)
      setNow(Date.now())
    } catch (error) {
      reportTrouble(error)
    } finally {
      setBusy(false)
    }
  }
  const said = busy ? 'Opening…' : waits ? waitWords(tried.until - now) : tried.wrong > 0 ? 'That is not the PIN.' : person.name
  return (
    <LockPage title="Type your PIN" said={said} wrong={!busy && tried.wrong > 0}>
      <Keypad asks="Your PIN" busy={busy || waits} onPin={tryPin} />
      <p class="lock-other">
        {onBack && <LinkButton onPress={onBack}>Somebody else</LinkButton>}
        <LinkButton onPress={onForgotten}>I forgot my PIN</LinkButton>
      </p>
    </LockPage>
  )
}

function Forgotten({ onCode, onBack }: { onCode: () => void; onBack: () => void }) {
  return (
    <LockPage title="I forgot my PIN">
      <p>What you finished is safe. It is sent, or it goes by itself.</p>
      <p>What you began and did not finish is lost with the PIN. Nobody can open it.</p>
      <p>Ask your supervisor for a new code. Then you choose a new PIN. You need a signal for that.</p>
      <Button kind="primary" icon="log-in" onPress={onCode}>
        I have a new code
      </Button>
      <p class="lock-other">
        <LinkButton onPress={onBack}>Try the PIN again</LinkButton>
      </p>
    </LockPage>
  )
}

function waitWords(wait: number): string {
  const seconds = Math.ceil(wait / 1000)
  const words = seconds > 90 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} seconds`
  return `That is not the PIN. Wait ${words}.`
}
