/** The lock of this phone: whether there is one, whether it is closed, and when it closes by itself. */
import { meta, setMeta } from './database.ts'
import { forgetInHand } from './drafts.ts'
import { forgetSealed, type Seal } from './sealed.ts'
import { isOff, setVeil, type Veil } from './veil.ts'

/** 'to-set': the council wants a PIN here, and there is none yet. */
export type LockState = 'off' | 'to-set' | 'locked' | 'open'

/** What lies on the disk of the lock. Nothing in it opens anything without a PIN. */
export interface Keyring {
  /** The key that the people of this phone share, by its name. */
  shared: string
  people: Person[]
}

export interface Person {
  id: string
  name: string
  salt: Uint8Array<ArrayBuffer>
  /** Of PBKDF2, as many as this phone does in the time a person waits gladly. */
  rounds: number
  /** Both keys, under the PIN. */
  vault: Uint8Array
  wrong: number
  /** No try counts before then. */
  until: number
}

const IDLE = 2 * 60_000 // ms
const AT_THE_CAMERA = 5 * 60_000 // ms: a photo that comes back to a locked phone would be lost
const AT_A_NOTICE = 5 * 60_000 // it is held out to somebody who reads it, and once locked only the office can show it
const IN_CLASS = 30 * 60_000 // a class has the device and nobody there the PIN; what it looks at is nobody's
const LOOK_EVERY = 5_000
const TO_SETTLE = 400 // ms: the last letters typed are saved 300 ms after them

let state: LockState = 'off'
let lastTouch = Date.now()
let atTheCamera = false
let channel: BroadcastChannel | null = null
const listeners = new Set<(state: LockState) => void>()

export function lockState(): LockState {
  return state
}

export function onLock(listener: (state: LockState) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** At start: a phone with a keyring is locked, for whoever had unlocked it has closed Beatbook since. */
export async function lookAtLock(): Promise<void> {
  const keyring = await meta<Keyring>('keyring')
  if (keyring) setVeil('locked')
  say(keyring ? 'locked' : (await meta<Seal>('seal'))?.appLock ? 'to-set' : 'off')
  watch()
}

/** Whether a PIN has to be chosen before anything personal is fetched; what the server says of it is kept. */
export async function needsPin(seal: Seal): Promise<boolean> {
  await setMeta('seal', seal)
  if (await meta<Keyring>('keyring')) return false
  if (state === 'off') say('to-set')
  return true
}

/** Somebody has shown who they are. */
export function opened(veil: Veil): void {
  setVeil(veil)
  lastTouch = Date.now()
  if (state === 'to-set') channel?.postMessage('changed')
  say('open')
}

export function takenOff(): void {
  setVeil('off')
  channel?.postMessage('changed')
  say('off')
}

/** Nothing finished can be read from here on, and nothing begun without the PIN. What is on the screen is saved first. */
export async function lockNow(everywhere = true): Promise<void> {
  if (state !== 'open') return
  say('locked') // the screens go, and save what they hold
  if (everywhere) channel?.postMessage('lock')
  await new Promise((resolve) => setTimeout(resolve, TO_SETTLE))
  if (lockState() !== 'locked') return // unlocked again meanwhile
  forget()
}

function forget(): void {
  if (!isOff()) setVeil('locked')
  forgetSealed()
  forgetInHand()
}

function say(next: LockState): void {
  state = next
  for (const listener of listeners) listener(state)
}

/** Two minutes without a touch, seen or not. */
function watch(): void {
  if (channel || typeof document === 'undefined' || typeof BroadcastChannel === 'undefined') return
  channel = new BroadcastChannel('beatbook.lock')
  channel.onmessage = ({ data }) => void (data === 'lock' ? lockNow(false) : lookAgain())
  const touched = () => {
    lastTouch = Date.now()
  }
  for (const kind of ['pointerdown', 'keydown', 'input']) addEventListener(kind, touched, { capture: true, passive: true })
  addEventListener('click', (event) => noteCamera(event.target, true), { capture: true })
  for (const kind of ['change', 'cancel']) addEventListener(kind, (event) => noteCamera(event.target, false), { capture: true })
  document.addEventListener('visibilitychange', look)
  setInterval(look, LOOK_EVERY)
}

/** Another tab has set up the lock, or taken it off: what this one writes must not stay as it was. */
async function lookAgain(): Promise<void> {
  if (state === 'open') await lockNow(false)
  if (!(await meta<Keyring>('keyring'))) setVeil('off')
  await lookAtLock()
}

function look(): void {
  if (Date.now() - lastTouch > patience()) void lockNow(false)
}

function patience(): number {
  if (atTheCamera) return AT_THE_CAMERA
  if (/^#\/notice\//.test(location.hash)) return AT_A_NOTICE
  return /^#\/(studio|paper|wow)\b/.test(location.hash) ? IN_CLASS : IDLE
}

function noteCamera(target: EventTarget | null, opens: boolean): void {
  if (target instanceof HTMLInputElement && target.type === 'file') atTheCamera = opens
}
