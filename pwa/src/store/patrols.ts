/** What a device keeps of patrols: a tablet the one it is on, with its tickets; an adult's phone those it leads. */
import type { Patrol, PatrolKey, Signer } from '../patrols/patrol.ts'
import type { Answers, Draft } from '../types.ts'
import { meta, read, setMeta, write, type RecordRow } from './database.ts'
import { noteDiscarded } from './numbers.ts'
import { answersOf } from './submission.ts'
import { isUnsent } from './view.ts'

/** On a tablet. */
export interface Joined extends Patrol {
  state: 'open' | 'paused' | 'closed'
  team: string | null
  /** A grown-up has ended it here: only handing in is left. */
  handingIn: boolean
}

/** On an adult's phone. */
export interface Led extends Patrol {
  window: string
  code: string
  adults: number
  pupils: number
  /** The signed line that tablets read from the square. */
  line: string
  state: 'open' | 'paused' | 'closed'
  closedAt: string | null
}

/** What the office says of a patrol this phone leads. */
export interface PatrolNews {
  patrolId: string
  state: string
  counts: {
    tickets: number
    results: Record<string, number>
    next: Record<string, number>
    reasons: Record<string, number>
    spoiled: number
    removed: number
  }
  cross: { at: string | null; spot: string; team: string }[]
  photosPending: number
}

export interface PatrolRules {
  pupilsPerAdult: number
  leastAdults: number
}

/** What a supervisor released to a school: counts and nothing of anybody. */
interface PatrolSummary {
  school: string
  patrols: number
  tickets: number
  results: Record<string, number>
  spots: Record<string, number>
  moved: number
  drivers: number
}

export interface Tries {
  wrong: number
  until: number
}

const TICKET = 'mock_ticket'
const MOST_LED = 6
const DAY = 86_400_000
export const WARN_AFTER = 10 * DAY
export const ERASE_AFTER = 14 * DAY

export const joined = () => meta<Joined>('patrol')
export const setJoined = (patrol: Joined | null) => setMeta('patrol', patrol)
export const keys = async () => (await meta<PatrolKey[]>('patrolKeys')) ?? []
export const signer = () => meta<Signer>('signer')
export const setSigner = (made: Signer) => setMeta('signer', made)
export const rules = async () => (await meta<PatrolRules>('patrolRules')) ?? { pupilsPerAdult: 4, leastAdults: 2 }
export const news = async () => (await meta<PatrolNews[]>('patrolNews')) ?? []
export const summaries = async () => (await meta<PatrolSummary[]>('patrolSummaries')) ?? []
export const tries = async () => (await meta<Tries>('pinTries')) ?? { wrong: 0, until: 0 }
export const setTries = (now: Tries) => setMeta('pinTries', now)

/** The patrols this phone opened, newest first. */
export async function led(): Promise<Led[]> {
  return (await meta<Led[]>('leading')) ?? []
}

export async function saveLed(patrol: Led): Promise<void> {
  const others = (await led()).filter((one) => one.patrolId !== patrol.patrolId)
  await setMeta('leading', [patrol, ...others].slice(0, MOST_LED))
}

/** How many tickets of each team are on this tablet, for the next number; those that were spoiled keep theirs. */
export async function nextNumber(patrolId: string, team: string): Promise<number> {
  const numbers = (await ticketsOf(patrolId))
    .map(({ answers }) => answers)
    .filter((answers) => answers['team'] === team)
    .map((answers) => Number(answers['ticket_number']) || 0)
  return Math.min(99, Math.max(0, ...numbers) + 1)
}

/** The newest ticket of this patrol that was not called a mistake. */
export async function lastTicket(patrolId: string): Promise<{ instanceId: string; answers: Answers } | null> {
  const all = await ticketsOf(patrolId)
  const spoiled = new Set(all.map(({ row }) => row.replaces))
  const good = all.filter(({ row, answers }) => answers['spoiled'] !== 'yes' && !spoiled.has(row.instanceId))
  const newest = good.sort((one, other) => other.row.counter - one.row.counter)[0]
  return newest ? { instanceId: newest.row.instanceId, answers: newest.answers } : null
}

/** The ticket under the children's fingers, so that a tablet that goes off and on again carries on there. */
export async function openTicket(patrolId: string): Promise<Draft | null> {
  const drafts = await read(['drafts'], (tx) => tx.objectStore('drafts').getAll())
  return drafts.find((draft) => draft.patrolId === patrolId && !draft.discardedAt) ?? null
}

export interface HandIn {
  unsent: number
  refused: number
}

export async function handIn(): Promise<HandIn> {
  const rows = await read(['records'], (tx) => tx.objectStore('records').getAll())
  return { unsent: rows.filter(isUnsent).length, refused: rows.filter((row) => row.refusal && !row.receipt).length }
}

/**
 * Leaves nothing of a patrol for the next class: tickets, photos, what was begun, the patrol itself. Receipts, which say nothing, stay,
 * and so does what a class drew or counted before and has not handed in yet.
 */
export async function clearTablet(): Promise<void> {
  await write(['drafts', 'records', 'photos', 'photoBytes', 'meta'], async (tx) => {
    for (const row of await tx.objectStore('records').getAll()) {
      if (isUnsent(row)) throw new Error('not everything was sent') // the screen offers it only then
      await dropRow(tx, row)
    }
    for (const draft of await tx.objectStore('drafts').getAll())
      if (draft.patrolId || draft.formId === TICKET) await tx.objectStore('drafts').delete(draft.instanceId)
    await tx.objectStore('photos').clear()
    await tx.objectStore('photoBytes').clear()
    for (const key of ['patrol', 'pinTries', 'unsentWarned']) await tx.objectStore('meta').delete(key)
  })
}

/** DP6: when the oldest ticket that was not sent goes, and whether the warning has been up for a day. */
export async function unsentSince(): Promise<{ oldest: number; count: number } | null> {
  const rows = await read(['records'], (tx) => tx.objectStore('records').getAll())
  const left = rows.filter((row) => isUnsent(row) || (row.refusal && !row.receipt))
  if (left.length === 0) return null
  return { oldest: Math.min(...left.map((row) => Date.parse(row.capturedAt))), count: left.length }
}

/** Notes that a grown-up could read the warning from now on. */
export async function warned(now: number): Promise<void> {
  if (!(await meta('unsentWarned'))) await setMeta('unsentWarned', now)
}

/** Erases tickets that were never sent in 14 days, a day after the warning came up at the earliest. Answers how many. */
export async function eraseOld(now: number): Promise<number> {
  const since = await meta<number>('unsentWarned')
  if (!since || now - since < DAY) return 0
  return write(['records', 'photos', 'photoBytes', 'meta'], async (tx) => {
    let erased = 0
    for (const row of await tx.objectStore('records').getAll()) {
      if (row.receipt || now - Date.parse(row.capturedAt) < ERASE_AFTER) continue
      for (const id of await tx.objectStore('photos').index('instanceId').getAllKeys(row.instanceId)) {
        await tx.objectStore('photos').delete(id)
        await tx.objectStore('photoBytes').delete(id)
      }
      await dropRow(tx, row)
      erased += 1
    }
    if (erased) await tx.objectStore('meta').delete('unsentWarned')
    return erased
  })
}

async function dropRow(tx: Parameters<Parameters<typeof write>[1]>[0], row: RecordRow): Promise<void> {
  await tx.objectStore('records').delete(row.instanceId)
  if (!row.receipt) await noteDiscarded(tx, row.counter)
}

async function ticketsOf(patrolId: string): Promise<{ row: RecordRow; answers: Answers }[]> {
  const rows = await read(['records'], (tx) => tx.objectStore('records').getAll())
  return rows.filter((row) => row.patrolId === patrolId).map((row) => ({ row, answers: answersOf(row.bytes) }))
}
