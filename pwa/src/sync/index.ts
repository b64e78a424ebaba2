/** Sends what waits and fetches what changed, by itself, whenever the server can be reached. */
import type { Device, SyncStatus } from '../types.ts'
import { askForWake, device, lookForUpdate, recover, registerServiceWorker } from '../session.ts'
import { announce, subscribe } from '../store/database.ts'
import { clearedNotSaid, keepReserve, spendReserve, wipeReported } from '../store/device.ts'
import { counts } from '../store/outbox.ts'
import { StoreFull } from '../store/problems.ts'
import { setActivity } from '../store/records.ts'
import { backOff, Pace } from './pace.ts'
import { round, TryAgain, type Watcher } from './run.ts'
import { NoSignal, NotOurs, OtherServer, ServerProblem } from './server.ts'
import { holdUpWords, statusOf, type HoldUp, type Pulse } from './words.ts'

const LOCK = 'beatbook.send'
const LOOK_EVERY = 60_000 // how often a visible page asks for news
const SERVER_FULL = 507
const ANSWER_WITHIN = 5_000 // how long sendNow() lets a finger wait for words

const listeners = new Set<(status: SyncStatus) => void>()
const pace = new Pace()
let pulse: Pulse = { sending: [], done: 0, total: 0, online: null, holdUp: null, nextTryAt: null, why: null, ahead: null }
let waiting: string[] = []
let attention = 0
let channel: BroadcastChannel | null = null
let failures = 0
let running: Promise<void> | null = null
let again = false
let askedByPerson = false
let handingIn = false
let over = false
let lastNews = Number.NEGATIVE_INFINITY
let timer: ReturnType<typeof setTimeout> | undefined
let ticker: ReturnType<typeof setInterval> | undefined

/** Called once, after openStore(). From then on everything happens by itself; resolves once it is known what waits. */
export async function startSync(): Promise<void> {
  channel = new BroadcastChannel('beatbook.pulse')
  channel.onmessage = (event: MessageEvent<Pulse>) => hear(event.data)
  subscribe((news) => {
    if (news === 'cleared') return stop()
    void refresh()
    if (news === 'changed') return
    if (news === 'enrolled') askedByPerson = true
    void wake()
  })
  addEventListener('online', () => void wake())
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible') return
    lookForUpdate()
    void wake()
  })
  setInterval(() => document.visibilityState === 'visible' && due() && void run(), LOOK_EVERY)
  addEventListener('pagehide', () => pulse.sending.length && say({ sending: [] })) // other tabs would show it for ever
  if (clearedNotSaid() && !(await device())) void import('./leaving.ts').then((part) => part.sayCleared())
  void registerServiceWorker(() => due() && void run())
  await refresh()
  void wake()
}

/** A person asked. Answers when it is known what came of it, or how far it is after a moment. */
export async function sendNow(): Promise<SyncStatus> {
  askedByPerson = true
  const slow = new Promise<void>((resolve) => setTimeout(resolve, ANSWER_WITHIN))
  await Promise.race([slow, wake()])
  await refresh()
  return syncStatus()
}

/** The person hands this phone in, as the office has asked: it sends everything and clears itself. Answers how it goes. */
export async function handIn(): Promise<SyncStatus> {
  handingIn = true
  return sendNow()
}

export function syncStatus(): SyncStatus {
  return statusOf(pulse, waiting.length, attention, Date.now())
}

export function onSyncStatus(listener: (status: SyncStatus) => void): () => void {
  listeners.add(listener)
  listener(syncStatus())
  return () => listeners.delete(listener)
}

/** A good reason to try at once, whatever the back-off says. */
function wake(): Promise<void> {
  failures = 0
  return run()
}

function due(): boolean {
  return pulse.nextTryAt === null || Date.now() >= pulse.nextTryAt
}

/** One round at a time in this page, one sender at a time on this phone. A wish during a round is granted after it. */
function run(): Promise<void> {
  if (over) return Promise.resolve()
  if (running) again = true
  running ??= underLock().finally(() => {
    running = null
    const more = again && (pulse.holdUp === null || askedByPerson) // after a failure the back-off decides
    again = false
    if (more) void run()
  })
  return running
}

async function underLock(): Promise<void> {
  await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    if (lock) await attempt() // otherwise another tab is at it and tells us how it goes
  })
}

async function attempt(): Promise<void> {
  if (pulse.holdUp === 'stopped' && !askedByPerson) return
  clearTimeout(timer)
  const news = askedByPerson || Date.now() - lastNews >= LOOK_EVERY
  askedByPerson = false
  let known: Device | null = null
  try {
    known = (await device()) ?? (await recover())
    if (!known) return
    const { waiting: waitingBefore } = await counts()
    await withRoom(() => round(known!, pace, watcher(news, waitingBefore.length)))
    if (over) return
    failures = 0
    if (news) lastNews = Date.now()
    await wipeReported()
    say({ sending: [], done: 0, total: 0, holdUp: null, nextTryAt: null, why: null, online: true })
  } catch (error) {
    if (over) return
    if (known) failed(error)
    else if (!(error instanceof NoSignal || error instanceof NotOurs || error instanceof ServerProblem)) throw error
  } finally {
    await refresh()
  }
}

/** On a phone that is quite full, sending has to make the room that noting it takes. */
async function withRoom(work: () => Promise<void>): Promise<void> {
  try {
    await work()
    if (over) return
  } catch (error) {
    if (!(error instanceof StoreFull && (await spendReserve()))) throw error
    await work()
  }
  await keepReserve()
}

function watcher(news: boolean, before: number): Watcher {
  return {
    news,
    handingIn,
    contact: met,
    sending: async (sending) => {
      await refresh()
      const total = Math.max(before, waiting.length)
      say({ sending, total, done: total - waiting.length })
    },
  }
}

function met(serverTime: string | null): void {
  const ahead = serverTime === null ? pulse.ahead : Date.now() - Date.parse(serverTime)
  say({ online: true, holdUp: null, nextTryAt: null, why: null, ahead })
}

/** Nothing is lost by any failure: it only says why and when the next try comes. */
function failed(error: unknown): void {
  failures += 1
  const holdUp = holdUpOf(error)
  const asked = error instanceof ServerProblem ? error.retryAfter : null
  const wait = Math.max(asked ?? 0, backOff(failures))
  const stopped = holdUp === 'stopped' || holdUp === 'sign-in'
  const online = !(error instanceof NoSignal || error instanceof NotOurs)
  const why = error instanceof ServerProblem || error instanceof TryAgain ? error.message : null
  say({ sending: [], done: 0, total: 0, online, holdUp, why, nextTryAt: stopped ? null : Date.now() + wait })
  if (!stopped) timer = setTimeout(() => void run(), wait)
  if (!navigator.onLine) askForWake() // while the browser believes itself online it would wake us at once, for nothing
  if (!KNOWN.some((kind) => error instanceof kind)) console.error(error)
}

function holdUpOf(error: unknown): HoldUp {
  if (error instanceof NoSignal) return 'no-signal'
  if (error instanceof OtherServer) return 'other-server'
  if (error instanceof NotOurs) return 'not-ours'
  if (error instanceof ServerProblem && error.client === 'sign-in') return 'sign-in'
  if (error instanceof ServerProblem && error.client === 'stop') return 'stopped'
  if (error instanceof ServerProblem && error.status === SERVER_FULL) return 'full'
  return 'busy'
}

function say(news: Partial<Pulse>): void {
  const before = pulse
  hear({ ...pulse, ...news })
  channel?.postMessage(pulse)
  if (before.holdUp !== pulse.holdUp || before.sending.join() !== pulse.sending.join()) announce() // lists show it too
}

function hear(next: Pulse): void {
  pulse = next
  tell()
  clearInterval(ticker)
  if (pulse.nextTryAt !== null) ticker = setInterval(tick, 1000)
}

function tick(): void {
  if (due()) clearInterval(ticker)
  tell()
}

/** Counts again what waits. A screen that is about to show the count awaits it, or it would show the count before. */
export async function refresh(): Promise<void> {
  if (over) return
  const now = await counts()
  waiting = now.waiting
  attention = now.attention
  tell()
}

/** Nothing is here any more, and nothing of ours touches this browser's storage again before it is set up anew. */
function stop(): void {
  over = true
  clearTimeout(timer)
  clearInterval(ticker)
}

function tell(): void {
  setActivity(pulse.sending, holdUpWords(pulse, Date.now()))
  const status = syncStatus()
  for (const listener of listeners) listener(status)
}

const KNOWN = [NoSignal, NotOurs, ServerProblem, StoreFull, TryAgain]
