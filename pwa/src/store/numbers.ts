/** The numbers of this phone's records: which it has given out, and what became of those without a receipt. */
import { read, setMeta, write, type RecordRow, type Write } from './database.ts'

/** What the server says: the highest number it has of this phone, and the runs that never came. */
export interface Numbers {
  highest: number
  missing: [number, number][]
}

interface Account {
  /** The last number given out. */
  highest: number
  /** Up to this one they were given out before this phone was set up as what it is now. */
  before: number
  without: { counter: number; is: 'waiting' | 'stuck' | 'unfinished' | 'discarded' }[]
}

const shownAgain = new Set<string>() // once for each start is enough, whatever the server then says
const MOST = 500 // numbers in an account, the newest of them

/** Every number without a receipt, so that the office need not ask where a record is that never came. */
export async function account(): Promise<Account> {
  return read(['drafts', 'records', 'meta'], async (tx) => {
    const without: Account['without'] = []
    for (const counter of await discarded(tx)) without.push({ counter, is: 'discarded' })
    for (const draft of await tx.objectStore('drafts').getAll())
      if (draft.counter) without.push({ counter: draft.counter, is: draft.discardedAt ? 'discarded' : 'unfinished' })
    for (const row of await tx.objectStore('records').getAll())
      if (!row.receipt && row.bytes) without.push({ counter: row.counter, is: row.refusal ? 'stuck' : 'waiting' })
    without.sort((a, b) => b.counter - a.counter)
    return {
      highest: ((await tx.objectStore('meta').get('counter')) as number | undefined) ?? 0,
      before: ((await tx.objectStore('meta').get('counterBefore')) as number | undefined) ?? 0,
      without: without.slice(0, MOST),
    }
  })
}

/** A record pulled back and thrown away leaves a number behind that will never come. */
export async function noteDiscarded(tx: Write, counter: number): Promise<void> {
  await tx.objectStore('meta').put([...(await discarded(tx)), counter].slice(-MOST), 'discarded')
}

/** A record whose receipt is here and whose number, the server says, never came is shown to the server once more. */
export async function takeNumbers({ missing }: Numbers): Promise<void> {
  if (missing.length === 0) return
  const rows = await read(['records'], (tx) => tx.objectStore('records').getAll())
  const isMissing = (row: RecordRow) => missing.some(([first, last]) => first <= row.counter && row.counter <= last)
  const odd = rows.filter((row) => row.receipt && !shownAgain.has(row.instanceId) && isMissing(row))
  if (odd.length === 0) return
  await write(['receipts'], async (tx) => {
    for (const { instanceId } of odd) {
      const receipt = await tx.objectStore('receipts').get(instanceId)
      if (receipt) await tx.objectStore('receipts').put({ ...receipt, confirmedEpoch: null })
      shownAgain.add(instanceId)
    }
  })
}

/** After its storage was cleared a phone goes on counting where the server had got to: a number given out twice looks like a copied phone. */
export async function countOn({ highest }: Numbers): Promise<void> {
  const counter = await read(['meta'], (tx) => tx.objectStore('meta').get('counter'))
  if (counter === undefined) await setMeta('counter', highest)
}

interface Reader {
  objectStore(name: 'meta'): { get(key: string): Promise<unknown> }
}

async function discarded(tx: Reader): Promise<number[]> {
  return ((await tx.objectStore('meta').get('discarded')) as number[] | undefined) ?? []
}
