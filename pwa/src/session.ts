/** Who this phone belongs to, and which version of Beatbook it runs. */
import type { Device } from './types.ts'
import { Problem } from './problem.ts'
import { announce, isOver, meta, setMeta, write } from './store/database.ts'
import { usedBefore } from './store/device.ts'
import { newSecret } from './store/ids.ts'
import { countOn } from './store/numbers.ts'
import { orderKeyOf } from './store/orders.ts'
import { setAsideForeign, type DownAnswer } from './store/outbox.ts'
import { scriptAddress } from './store/trusted.ts'
import { ask, NoSignal, NotOurs, ServerProblem } from './sync/server.ts'

export { Problem } from './problem.ts'

const CODE_UNKNOWN = '/problems/code-unknown'
const updateListeners = new Set<() => void>()
let registration: ServiceWorkerRegistration | null = null
let formOpen = false
let updateAccepted = false
let reloadDue = false

/** The device this browser is enrolled as, or null. */
export async function device(): Promise<Device | null> {
  return meta<Device>('device')
}

/** What a code would make of this phone, for its person to agree to. */
export interface Offered {
  name: string
  role: string
  council: string
}

/** Looks at a code without using it; null where an older server cannot say. Throws Problem as enrol() does. */
export async function lookAt(code: string): Promise<Offered | null> {
  try {
    return (await asProblem(() => post<Offered>('/api/enrol/look', { code }))).body
  } catch (error) {
    if (error instanceof ServerProblem && [404, 405].includes(error.status) && error.type !== CODE_UNKNOWN) return null
    throw error
  }
}

/**
 * Takes a one-time code. Throws Problem {title, detail, client} when it does not work or there is no signal. Should the
 * answer get lost, the same code works again from here: the server knows this attempt by a secret that only we have.
 */
export async function enrol(code: string): Promise<Device> {
  const attempt = await attemptFor(code)
  const was = (await device())?.deviceId
  const answer = await asProblem(() =>
    post<Device & { token: string }>('/api/enrol', { code, attempt, ...(was && { was }) }),
  )
  const { deviceId, name, role, token } = answer.body // kept nowhere: it stays in its HttpOnly cookie
  const enrolled = { deviceId, name, role, serverId: answer.serverId }
  await settleIn(enrolled, await orderKeyOf(token))
  void askForPersistence() // Firefox asks the person, who may never answer
  return enrolled
}

/** A cleared store or a fresh Home Screen app may still hold the cookie: then the server knows this phone without a code. */
export async function recover(): Promise<Device | null> {
  const known = await device()
  if (known || !usedBefore()) return known
  const { body, serverId } = await ask<DownAnswer>('/api/sync/down?orderKey=', { serverId: null })
  if (!body.device) return null
  const { deviceId, name, role } = body.device
  const recovered = { deviceId, name, role, serverId }
  await settleIn(recovered, body.orderKey ?? null)
  if (body.numbers) await countOn(body.numbers)
  return recovered
}

/** Asks the browser never to clear what Beatbook keeps; answers whether it agreed. */
export async function askForPersistence(): Promise<boolean> {
  const storage = navigator.storage as StorageManager | undefined
  return (await storage?.persist?.().catch(() => false)) ?? false
}

/** Whether a newer version is on the phone and waits for its turn. */
export function updateWaiting(): boolean {
  return Boolean(registration?.waiting)
}

export function onUpdateWaiting(callback: () => void): () => void {
  updateListeners.add(callback)
  return () => updateListeners.delete(callback)
}

/** Changes to the waiting version now, or as soon as no form is open. */
export async function applyUpdate(): Promise<void> {
  updateAccepted = true
  if (!formOpen) registration?.waiting?.postMessage('SKIP_WAITING')
}

/** While a form is open nothing reloads this page. */
export function setFormOpen(open: boolean): void {
  formOpen = open
  if (open) return
  if (reloadDue) location.reload()
  else if (updateAccepted) void applyUpdate()
}

/** Called by startSync(): makes the app open without a network from the next time on. */
export async function registerServiceWorker(onWake: () => void): Promise<void> {
  const container = navigator.serviceWorker as ServiceWorkerContainer | undefined
  if (!container || !import.meta.env?.PROD) return
  container.addEventListener('message', (event) => {
    if (event.data === 'send') onWake()
  })
  reloadOnTakeover(container)
  registration = await container.register(scriptAddress('/service-worker.js'), { updateViaCache: 'none' })
  watchForUpdates(registration)
}

/** Looks for a newer version; offline this fails quietly, for the next look comes by itself. */
export function lookForUpdate(): void {
  registration?.update().catch(() => undefined)
}

/** Asks the browser to wake us when there is a network again, where it can. */
export function askForWake(): void {
  const sync = (registration as { sync?: { register(tag: string): Promise<void> } } | null)?.sync
  sync?.register('send').catch(() => undefined) // denied or unknown here: the other triggers do
}

function post<T>(path: string, body: Record<string, string>): Promise<{ body: T; serverId: string }> {
  return ask<T>(path, { method: 'POST', body: JSON.stringify(body), serverId: null })
}

async function attemptFor(code: string): Promise<string> {
  const before = await meta<{ code: string; secret: string }>('attempt')
  if (before?.code === code) return before.secret
  const secret = newSecret()
  await setMeta('attempt', { code, secret }) // before it is used, so that a closed browser has it too
  return secret
}

async function settleIn(enrolled: Device, orderKey: string | null): Promise<void> {
  await write(['meta', 'forms', 'lists', 'records'], async (tx) => {
    const store = tx.objectStore('meta')
    const before = (await store.get('device')) as Device | undefined
    if (before && before.serverId !== enrolled.serverId) {
      await tx.objectStore('forms').clear()
      await tx.objectStore('lists').clear()
      await store.delete('server')
      await store.delete('advice')
      await store.delete('settings')
      await store.delete('seal') // that server alone could open what is sealed to it
    }
    await setAsideForeign(tx, enrolled.serverId)
    if (before?.deviceId !== enrolled.deviceId) {
      for (const key of ['down', 'tasks', 'alerts', 'alertsSeen']) await store.delete(key)
      // It counts on, for what waits keeps its number; the office is told where this name's numbers begin.
      await store.put((await store.get('counter')) ?? 0, 'counterBefore')
    }
    for (const key of ['attempt', 'order', 'orderLeft', 'orderKey']) await store.delete(key)
    if (orderKey) await store.put(orderKey, 'orderKey')
    await store.put(enrolled, 'device')
  })
  announce('enrolled')
}

async function asProblem<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof NoSignal)
      throw new Problem('No signal', 'Setting up needs the internet once. Find a signal and try again.', 'retry')
    if (error instanceof NotOurs)
      throw new Problem(
        'Not reached',
        'This network does not reach Beatbook. Sign in to the Wi-Fi, or use mobile data.',
        'retry',
      )
    throw error
  }
}

function reloadOnTakeover(container: ServiceWorkerContainer): void {
  let controlled = container.controller !== null // the first worker ever takes over a page that is already right
  container.addEventListener('controllerchange', () => {
    if (isOver()) return // the worker has gone with everything else
    if (!controlled) controlled = true
    else if (formOpen) reloadDue = true
    else location.reload()
  })
}

function watchForUpdates(found: ServiceWorkerRegistration): void {
  const tell = () => {
    for (const callback of updateListeners) callback()
  }
  if (found.waiting) tell()
  found.addEventListener('updatefound', () => {
    found.installing?.addEventListener('statechange', () => {
      if (found.waiting && navigator.serviceWorker.controller) tell()
    })
  })
}
