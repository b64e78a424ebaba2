/** The frame of every screen: cover bar, status strip, the page itself, and one bar of buttons below. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { applyUpdate, onUpdateWaiting, updateWaiting } from '../session.ts'
import { lockNow, standingOrder } from '../store/index.ts'
import type { SyncStatus } from '../types.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { Notice } from '../ui/notice.tsx'
import { words } from '../ui/words.ts'
import { needsSignIn, useLock, useStatus, useStored } from './stored.ts'
import { Trouble } from './trouble.tsx'

interface Props {
  title: string
  icon?: string
  /** Where the arrow leads; without it there is no arrow. */
  back?: { to: string; name: string }
  /** What stands above the title. */
  lead?: ComponentChildren
  /** What stands in the bar instead of the title. */
  bar?: ComponentChildren
  /** What stands in the corner of the bar, where the settings are otherwise. */
  corner?: ComponentChildren
  bottom?: ComponentChildren
  /** A form is open: nothing may reload the page under it. */
  formOpen?: boolean
  children: ComponentChildren
}

export function Frame({ title, icon, back, lead, bar, corner, bottom, formOpen = false, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null)
  const lock = useLock()
  useEffect(() => {
    document.title = lock === 'off' ? `${title} - Beatbook` : 'Beatbook' // browsers write titles into their history
  }, [title])
  useEffect(() => {
    scrollTo(0, 0)
    heading.current?.focus({ preventScroll: true }) // a reader hears the new screen instead of the old one's silence
  }, [])
  return (
    <div class="frame">
      <header class="top">
        <div class="top-bar">
          {back && (
            <a class="small-control" href={`#${back.to}`} aria-label={back.name}>
              <Icon name="arrow-left" />
            </a>
          )}
          <div class="name">{bar ?? title}</div>
          {corner}
          {!back && !corner && !formOpen && lock === 'open' && (
            <button type="button" class="small-control" aria-label="Lock now" onClick={() => void lockNow()}>
              <Icon name="lock" />
            </button>
          )}
          {!back && !corner && !formOpen && (
            <a class="small-control" href="#/device" aria-label={words.device}>
              <Icon name="settings" />
            </a>
          )}
        </div>
        <Strip />
      </header>
      <main class="page">
        <Trouble />
        {!formOpen && <SignIn />}
        {!formOpen && <Update />}
        {!formOpen && <AskedBack />}
        {lead}
        <h1 ref={heading} tabIndex={-1} class={icon ? 'form-title' : ''}>
          {icon && <Icon name={icon} />}
          {title}
        </h1>
        {children}
      </main>
      {bottom && (
        <footer class="bottom">
          <div class="bottom-bar">{bottom}</div>
        </footer>
      )}
    </div>
  )
}

const toneIcons: Record<SyncStatus['tone'], string> = {
  quiet: 'circle-check',
  waiting: 'clock',
  busy: 'cloud-upload',
  attention: 'circle-alert',
}

/** On every screen, in words: is everything sent? */
function Strip() {
  const status = useStatus()
  return (
    <a class={`strip tone-${status.tone}`} href="#/outbox">
      <span class="line">
        <Icon name={toneIcons[status.tone]} />
        <span role="status">{status.words}</span>
        <Icon name="chevron-right" class="go" />
      </span>
    </a>
  )
}

function SignIn() {
  if (!needsSignIn(useStatus())) return null
  return (
    <Notice
      tone="attention"
      icon="log-in"
      title="Sign in to send"
      action={
        <a class="button" href="#/enrol">
          Type a code
        </a>
      }
    >
      The server does not know this phone any more. Your records are safe here. Ask your supervisor for a new code.
    </Notice>
  )
}

/** The office asks for this phone; its person says when. */
function AskedBack() {
  const order = useStored(standingOrder)
  if (order?.do !== 'leave' || location.hash === '#/hand-in') return null
  return (
    <Notice
      tone="waiting"
      icon="smartphone"
      title="The office asks for this phone back"
      action={
        <a class="button" href="#/hand-in">
          Hand it in
        </a>
      }
    >
      Finish what you have begun first.
    </Notice>
  )
}

/** A new version waits politely until somebody has a hand free. */
function Update() {
  const [waiting, setWaiting] = useState(updateWaiting)
  useEffect(() => {
    setWaiting(updateWaiting())
    return onUpdateWaiting(() => setWaiting(true))
  }, [])
  if (!waiting) return null
  return (
    <Notice icon="download" title="Update ready" action={<Button onPress={applyUpdate}>Update now</Button>}>
      It takes a moment and nothing is lost.
    </Notice>
  )
}
