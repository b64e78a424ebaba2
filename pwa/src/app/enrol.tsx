/** Making this phone somebody's: the code, who it is then, and whether the phone is fit for the job. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { enrol, lookAt, Problem, type Offered } from '../session.ts'
import { sendNow } from '../sync/index.ts'
import type { Device } from '../types.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { MovingBar } from '../ui/moving-bar.tsx'
import { Notice } from '../ui/notice.tsx'
import { count, roleName, thingOf } from '../ui/words.ts'
import { InstallGuide } from './install-guide.tsx'
import { isApple, isInstalled } from './install.ts'
import { goInstead } from './route.ts'
import { useStatus } from './stored.ts'
import { sentence, Trouble } from './trouble.tsx'

const LENGTH = 8

interface Props {
  code: string | undefined
  owner: Device | null
  wiped: boolean
  onEnrolled: () => void
}

export function Enrol({ code = '', owner, wiped, onEnrolled }: Props) {
  const [typed, setTyped] = useState(spaced(code))
  const [wrong, setWrong] = useState('')
  const [busy, setBusy] = useState(false)
  const [offered, setOffered] = useState<Offered | null>(null)
  const box = useRef<HTMLInputElement>(null)
  const { waiting, sending } = useStatus()
  const unsent = waiting + sending
  useEffect(() => {
    document.title = 'Set up this phone - Beatbook'
    if (plain(code).length === LENGTH) void look() // who scanned a square has nothing to type
  }, [])
  const attempt = async (work: () => Promise<unknown>) => {
    setBusy(true)
    setWrong('')
    try {
      await work()
    } catch (error) {
      setOffered(null)
      setWrong(error instanceof Problem ? error.detail : sentence(error))
      box.current?.focus()
    }
    setBusy(false)
  }
  const look = async () => {
    if (plain(typed).length !== LENGTH) {
      setWrong(`The code has ${LENGTH} letters and numbers. This has ${plain(typed).length}.`)
      box.current?.focus()
      return
    }
    await attempt(async () => {
      const found = await lookAt(plain(typed))
      if (found) setOffered(found)
      else await take()
    })
  }
  const take = async () => {
    await enrol(plain(typed))
    goInstead('/welcome')
    onEnrolled()
    void sendNow() // fetches the forms while the person reads who they are
  }
  if (offered)
    return (
      <Sure
        offered={offered}
        busy={busy}
        unsent={unsent}
        owner={owner}
        onYes={() => attempt(take)}
        onNo={() => setOffered(null)}
      />
    )
  return (
    <div class="frame">
      <Brand />
      <main class="page">
        <Trouble />
        {owner && (
          <Notice
            icon="smartphone"
            title={`This phone is ${owner.name}, ${roleName(owner.role)}`}
            action={
              <a class="button" href="#/">
                Keep it so
              </a>
            }
          >
            A new code changes whose phone it is.
            {unsent > 0 && ` ${count(unsent, 'record')} not sent yet will go under the new name.`}
          </Notice>
        )}
        {wiped && !owner && (
          <Notice tone="attention" icon="triangle-alert" title="This phone’s storage was cleared">
            Records that had not been sent are gone. Tell your supervisor, and ask for a new code.
          </Notice>
        )}
        <h1>Set up this phone</h1>
        {!isInstalled() && isApple() && (
          <>
            <h2>First put Beatbook on the home screen</h2>
            <p class="then">
              Then open the new picture and type the code there: it keeps its records apart from this page.
            </p>
            <InstallGuide />
            <h2>Done already?</h2>
          </>
        )}
        <p>Type the code your supervisor shows you, or scan their square with the camera.</p>
        <form
          class="enrol-form"
          onSubmit={(event) => {
            event.preventDefault()
            void look()
          }}
        >
          <div class={`question ${wrong ? 'wrong' : ''}`}>
            <label class="asks" for="code">
              Code
            </label>
            {wrong && (
              <p class="problem" id="code-problem" role="alert">
                <Icon name="circle-alert" />
                <span>{wrong}</span>
              </p>
            )}
            <input
              ref={box}
              id="code"
              class="box code"
              value={typed}
              onInput={(event) => {
                event.currentTarget.value = spaced(event.currentTarget.value)
                setTyped(event.currentTarget.value)
              }}
              autoComplete="one-time-code"
              autoCapitalize="characters"
              spellcheck={false}
              inputMode="text"
              placeholder="ABCD EFGH"
              aria-invalid={wrong ? true : undefined}
              aria-describedby={wrong ? 'code-problem' : undefined}
            />
          </div>
          {busy ? (
            <MovingBar words="Asking the server" />
          ) : (
            <Button kind="primary" icon="log-in" onPress={look}>
              Set up this phone
            </Button>
          )}
        </form>
      </main>
    </div>
  )
}

interface SureProps {
  offered: Offered
  busy: boolean
  unsent: number
  owner: Device | null
  onYes: () => unknown
  onNo: () => void
}

/** Nothing has changed yet: the person sees what this phone would be, by name. */
function Sure({ offered: { name, role, council }, busy, unsent, owner, onYes, onNo }: SureProps) {
  return (
    <div class="frame">
      <Brand />
      <main class="page">
        <h1>This {thingOf(role)} will be</h1>
        <p class="you-are">
          <Icon name={thingOf(role) === 'tablet' ? 'tablet' : 'smartphone'} />
          <span>
            {roleName(role)}, {council}
            <strong>{name}</strong>
          </span>
        </p>
        {owner && (
          <p>
            Until now it was {owner.name}.
            {unsent > 0 && ` ${count(unsent, 'record')} not sent yet will go under the new name.`}
          </p>
        )}
        {busy ? (
          <MovingBar words="Asking the server" />
        ) : (
          <div class="sure">
            <Button kind="primary" icon="check" onPress={onYes}>
              Yes, this is {name}
            </Button>
            <Button kind="large" icon="arrow-left" onPress={onNo}>
              No, another code
            </Button>
          </div>
        )}
      </main>
    </div>
  )
}

export function Brand() {
  return (
    <header class="brand">
      <p class="inside">
        <Icon name="notebook-pen" />
        Beatbook
        <span class="line">The pocket book that sends itself</span>
      </p>
    </header>
  )
}

/** Two groups of four, whatever was pasted around them. */
function spaced(text: string): string {
  const letters = plain(text).slice(0, LENGTH)
  return letters.length > 4 ? `${letters.slice(0, 4)} ${letters.slice(4)}` : letters
}

/** A pasted link ends in the code. */
function plain(text: string): string {
  const last = text.includes('/') ? text.slice(text.lastIndexOf('/') + 1) : text
  return last.toUpperCase().replace(/[^A-Z0-9]/g, '')
}
