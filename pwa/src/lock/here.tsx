/** The lock on the page about this device: close it now, or give the phone to somebody else. */
import { useState } from 'preact/hooks'
import { go } from '../app/route.ts'
import { add } from '../store/keyring.ts'
import { lockNow } from '../store/lock.ts'
import { Button } from '../ui/button.tsx'
import { Over } from '../ui/over.tsx'
import { usePinChoice } from './choose-pin.tsx'
import { Keypad } from './keypad.tsx'
import './lock.css'

export function LockHere() {
  const [passing, setPassing] = useState(false)
  return (
    <>
      <p>It locks by itself after two minutes. What you finish can then be read at the office only.</p>
      <p class="when-chips">
        <Button icon="lock" onPress={() => lockNow()}>
          Lock now
        </Button>
        <Button icon="users" onPress={() => setPassing(true)}>
          Pass this phone on
        </Button>
      </p>
      {passing && <PassOn onDone={() => setPassing(false)} />}
    </>
  )
}

/** Each person sees only what they began themselves. */
function PassOn({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState('')
  const [named, setNamed] = useState(false)
  const choice = usePinChoice('Choose a PIN', async (pin) => {
    await add(name.trim(), pin)
    onDone()
    go('/')
  })
  if (named)
    return (
      <Over title={choice.step} onClose={onDone}>
        <p class={`lock-said ${choice.wrong ? 'wrong' : ''}`} role="status">
          {choice.said}
        </p>
        <Keypad key={choice.step} asks={choice.step} busy={choice.busy} onPin={choice.take} />
      </Over>
    )
  const next = () => {
    if (name.trim()) setNamed(true)
  }
  return (
    <Over
      title="Pass this phone on"
      onClose={onDone}
      bottom={
        <Button kind="primary" onPress={next}>
          Choose their PIN
        </Button>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          next()
        }}
      >
        <div class="question">
          <label class="asks" for="next-person">
            Who has it next?
          </label>
          <p class="hint">They choose a PIN of their own. They do not see what you have begun.</p>
          <input
            id="next-person"
            class="box"
            value={name}
            autoComplete="off"
            maxLength={40}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </div>
      </form>
    </Over>
  )
}
