/** This phone leaves: it hands over what the office does not have, asks whether it may, and clears itself. */
import { clearAll, leftHere, type Piece } from '../store/clearing.ts'
import { setMeta } from '../store/database.ts'
import { clearedIsSaid } from '../store/device.ts'
import { newSecret } from '../store/ids.ts'
import { maySays, type Order } from '../store/orders.ts'
import type { ItemProblem } from '../store/outbox.ts'
import type { Device } from '../types.ts'
import { ask, NoSignal, NotOurs, ServerProblem } from './server.ts'

interface Handed {
  records: number
  photos: number
  drafts: number
  /** What the office would not take. */
  left: number
  /** What lies under a PIN that nobody has given. */
  unread: number
}

interface Answer {
  results: { status: string; problem?: ItemProblem & { kept?: string } }[]
}

const AT_ONCE = 10
const MOST_BYTES = 4 * 1024 * 1024 // of one delivery, unless a single photo is larger
const SAY_TRIES = 3

/**
 * Answers 'cleared', or 'kept' when something is here that the office would not take: a lost phone keeps that, a stolen
 * one clears itself all the same. Throws what stopped it for now.
 */
export async function leave(device: Device, order: Order): Promise<'cleared' | 'kept'> {
  const handed = device.role === 'pupil' ? NOTHING : await handOver(device, order.why !== 'stolen')
  await setMeta('orderLeft', handed.left)
  if (handed.left && order.why !== 'stolen') return 'kept'
  const nonce = newSecret()
  const { body } = await ask<{ clear: boolean; proof: string }>('/api/clearing', {
    method: 'POST',
    body: JSON.stringify({ nonce, ...handed }),
    serverId: device.serverId,
  })
  if (body.clear !== true || !(await maySays(device, nonce, body.proof))) throw new NotOurs('somebody else says that this phone may clear itself')
  if (await clearAll()) await sayCleared()
  return 'cleared'
}

/** The office hears that nothing is here any more; if it cannot be reached now, the next start says so. */
export async function sayCleared(): Promise<void> {
  for (let tries = 0; tries < SAY_TRIES; tries++) {
    try {
      await ask('/api/clearing/done', { method: 'POST', serverId: null })
      return clearedIsSaid()
    } catch (error) {
      if (error instanceof ServerProblem && error.status < 500) return clearedIsSaid() // it knows, or does not know us
      if (!(error instanceof NoSignal || error instanceof ServerProblem)) return
    }
  }
}

async function handOver(device: Device, patient: boolean): Promise<Handed> {
  const { pieces, foreign, unread } = await leftHere(device.serverId)
  const handed: Handed = { ...NOTHING, left: foreign, unread }
  while (pieces.length) {
    const lot: [Piece, ArrayBuffer][] = []
    for (let size = 0; pieces.length && lot.length < AT_ONCE; ) {
      const bytes = await pieces[0]!.bytes()
      if (bytes && lot.length && size + bytes.byteLength > MOST_BYTES) break
      const piece = pieces.shift()!
      if (!bytes) continue
      lot.push([piece, bytes])
      size += bytes.byteLength
    }
    if (lot.length) await give(device, lot, handed, patient)
  }
  return handed
}

async function give(device: Device, lot: [Piece, ArrayBuffer][], handed: Handed, patient: boolean): Promise<void> {
  const body = new FormData()
  for (const [{ kind, key, mediaType }, bytes] of lot)
    body.append(kind === 'photo' ? 'attachment' : 'submission', new Blob([bytes], { type: mediaType }), key)
  const size = lot.reduce((total, [, bytes]) => total + bytes.byteLength, 0)
  const answer = await ask<Answer>('/api/sync/hand-over', { method: 'POST', body, size, serverId: device.serverId })
  for (const [at, [piece]] of lot.entries()) {
    const result = answer.body.results[at] // one for each part, in their order
    if (!result) throw new NoSignal('the office has not said what became of everything')
    if (patient && (result.problem?.client === 'wait' || result.problem?.client === 'retry'))
      throw new ServerProblem(503, result.problem, null) // not now; nothing is cleared before
    if (isHeld(result)) handed[PLURALS[piece.kind]] += 1
    else handed.left += 1
  }
}

function isHeld({ status, problem }: Answer['results'][number]): boolean {
  return status !== 'refused' || problem?.kept === 'quarantine'
}

const NOTHING: Handed = { records: 0, photos: 0, drafts: 0, left: 0, unread: 0 } // what was refused of a child's tablet is kept nowhere
const PLURALS = { record: 'records', photo: 'photos', draft: 'drafts' } as const
