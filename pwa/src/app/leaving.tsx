/** Instead of every other screen: the office has locked this phone, or told it to hand over what it holds and clear itself. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { drafts, type Order } from '../store/index.ts'
import { meta } from '../store/database.ts'
import { handIn, sendNow } from '../sync/index.ts'
import type { Device } from '../types.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { MovingBar } from '../ui/moving-bar.tsx'
import { Notice } from '../ui/notice.tsx'
import { count } from '../ui/words.ts'
import { Brand } from './enrol.tsx'
import { Frame } from './frame.tsx'
import { useStatus, useStored } from './stored.ts'

/** What a phone that is out of its person's hands shows. Whoever reads it may be a finder. */
export function Leaving({ order, owner }: { order: Order; owner: Device }) {
  const left = useStored(() => meta<number>('orderLeft'))
  const lost = order.why === 'lost'
  return (
    <Plain title={lost ? 'This phone is marked as lost' : 'This phone is closed'} icon={lost ? 'triangle-alert' : 'lock'}>
      <p>
        {lost
          ? 'It sends what it holds to the office. Then it forgets everything.'
          : 'It belongs to the council. It shows nothing any more.'}
      </p>
      <Progress />
      {left ? (
        <Notice tone="attention" icon="circle-alert" title={`${count(left, 'thing')} could not be handed over`}>
          It stays on this phone. The office has to decide about it.
        </Notice>
      ) : null}
      <p>
        <strong>Found it?</strong> Please hand it in at the council. <strong>Is it yours?</strong> Ring the office: they
        can take this back.
      </p>
      <p class="quiet">{owner.name}</p>
    </Plain>
  )
}

/** Until the office unlocks it. */
export function Locked({ owner }: { owner: Device }) {
  return (
    <Plain title="The office has locked this phone" icon="lock">
      <p>Your records are safe here, and they go on being sent. Ask your supervisor to unlock it.</p>
      <Progress />
      <p class="quiet">{owner.name}</p>
    </Plain>
  )
}

/** Nothing is left: said until the page is closed, for nobody remembers it. */
export function Cleared() {
  return (
    <Plain title="This phone has been cleared" icon="circle-check">
      <p>Everything that was not sent went to the office first. Nothing of Beatbook is left on it.</p>
      <p>To use it again, ask your supervisor for a new code.</p>
      <p class="when-chips">
        <Button kind="large" icon="refresh-cw" onPress={() => location.replace('/')}>
          Start anew
        </Button>
      </p>
    </Plain>
  )
}

/** The person hands the phone in: what is begun is theirs to finish first. */
export function HandIn() {
  const open = useStored(drafts)
  const left = useStored(() => meta<number>('orderLeft'))
  const [busy, setBusy] = useState(false)
  const [said, setSaid] = useState('')
  const begin = async () => {
    setBusy(true)
    setSaid('')
    const { answer, online } = await handIn()
    setSaid(online ? '' : answer)
    setBusy(false)
  }
  return (
    <Frame
      title="Hand in this phone"
      back={{ to: '/', name: 'Home' }}
      bottom={
        <>
          <p class="answer-line" role="status">
            {said}
          </p>
          {busy ? (
            <MovingBar words="Handing over" />
          ) : (
            <Button kind="primary" icon="cloud-upload" onPress={begin}>
              Hand it in now
            </Button>
          )}
        </>
      }
    >
      <p>The office asks for this phone back. First it sends all you have finished. Then it forgets everything.</p>
      {open && open.length > 0 && (
        <Notice
          tone="waiting"
          icon="pencil"
          title={`${count(open.length, 'record')} not finished`}
          action={
            <a class="button" href="#/outbox/needs">
              Finish first
            </a>
          }
        >
          Or hand it in now. They go to the office as they are.
        </Notice>
      )}
      {left ? (
        <Notice tone="attention" icon="circle-alert" title={`${count(left, 'thing')} could not be handed over`}>
          It stays here. Tell your supervisor before you hand this phone in.
        </Notice>
      ) : null}
    </Frame>
  )
}

function Progress() {
  const status = useStatus()
  const [said, setSaid] = useState('')
  const go = async () => {
    setSaid('Trying…')
    setSaid((await sendNow()).answer)
  }
  return (
    <>
      <p class="answer-line" role="status">
        {said || `${status.words}.`}
      </p>
      {status.online === false && (
        <p class="when-chips">
          <Button icon="refresh-cw" onPress={go}>
            Try now
          </Button>
        </p>
      )}
    </>
  )
}

function Plain({ title, icon, children }: { title: string; icon: string; children: ComponentChildren }) {
  useEffect(() => {
    document.title = `${title} - Beatbook`
  }, [title])
  return (
    <div class="frame">
      <Brand />
      <main class="page">
        <div class="plain">
          <span class="picture">
            <Icon name={icon} />
          </span>
          <h1>{title}</h1>
          {children}
        </div>
      </main>
    </div>
  )
}
