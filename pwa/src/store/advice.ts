/** The cards this phone carries, and how often each was shown: counted offline, handed in now and then as one report. */
import type { Card } from '../types.ts'
import { meta, write, type Write } from './database.ts'
import { ADVICE_SHOWN, report } from './reports.ts'

interface Shown {
  card: string
  version: number
  day: string
  place: string | null
  times: number
}

interface Tally {
  /** When the first of these was shown, in milliseconds since 1970. */
  since: number
  rows: Shown[]
}

const HAND_IN_AFTER = 3_600_000 // ms: an officer at a stall shows a card a minute, and one report an hour is enough

export async function cards(): Promise<Card[]> {
  return (await meta<Card[]>('advice')) ?? []
}

/** Counts a card that was shown to somebody: which, when and where, and never to whom. */
export async function countShown(card: Card, place: string | null, now: Date): Promise<void> {
  await write(['meta'], async (tx) => {
    const tally = (await tallyOf(tx)) ?? { since: now.getTime(), rows: [] }
    const shown = { card: card.code, version: card.version, day: dayOf(now), place }
    const same = (row: Shown) => row.card === shown.card && row.day === shown.day && row.place === shown.place
    const times = (tally.rows.find(same)?.times ?? 0) + 1
    const rows = [...tally.rows.filter((row) => !same(row)), { ...shown, times }]
    await tx.objectStore('meta').put({ ...tally, rows }, 'shown')
  })
}

/** Makes one report of what was counted, once an hour has passed since the first or the day is over. */
export async function handInShown(now: Date): Promise<void> {
  const tally = await meta<Tally>('shown')
  if (!tally || (now.getTime() - tally.since < HAND_IN_AFTER && dayOf(new Date(tally.since)) === dayOf(now))) return
  const times = tally.rows.reduce((sum, row) => sum + row.times, 0)
  const shown = tally.rows.map(({ place, ...row }) => (place === null ? row : { ...row, place }))
  const title = `Advice shown ${times === 1 ? 'once' : `${times} times`}`
  await report(ADVICE_SHOWN, { shown }, title, async (tx) => {
    const since = await tallyOf(tx)
    if (JSON.stringify(since) !== JSON.stringify(tally)) throw new Counting('counted on meanwhile') // the next try has all
    await tx.objectStore('meta').delete('shown')
  }).catch((error: unknown) => {
    if (!(error instanceof Counting)) throw error
  })
}

/** The pack comes as a whole when one of its cards has changed. */
export async function takeAdvice(tx: Write, answer: { advice?: Card[] }): Promise<void> {
  if (answer.advice?.length) await tx.objectStore('meta').put(answer.advice, 'advice')
}

class Counting extends Error {
  override name = 'Counting'
}

async function tallyOf(tx: Write): Promise<Tally | undefined> {
  return (await tx.objectStore('meta').get('shown')) as Tally | undefined
}

/** "2026-11-22", by the clock and the zone of this phone. */
function dayOf(at: Date): string {
  return at.toLocaleDateString('sv-SE')
}
