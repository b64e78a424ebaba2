/** Advice on the phone: what a card says, what a search finds, and how often a card was shown. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { beforeEach, test } from 'node:test'
import { byAudience, found, said } from '../../../pwa/src/advice.ts'
import type { Card } from '../../../pwa/src/types.ts'
import { database, freshPhone, outbox, store } from './phone.ts'

const advice = await import('../../../pwa/src/store/advice.ts')
const CASES = JSON.parse(readFileSync(new URL('../../cases/advice.json', import.meta.url), 'utf8'))

function card(changes: Partial<Card> = {}): Card {
  return {
    code: 'T-1',
    version: 2,
    title: 'Floods: in the car',
    audience: ['all'],
    language: 'en',
    sourceNote: 'Us.',
    reviewDue: '2027-01-01',
    factValidUntil: null,
    blocks: [{ kind: 'text', parts: [{ kind: 'words', text: 'Turn round.' }] }],
    words: {},
    ...changes,
  }
}

for (const one of CASES)
  test(`says what the server says: ${one.name}`, () => {
    const { blocks, leftOut } = said(one.wire, one.on, one.school)
    assert.deepEqual(
      blocks.map(({ kind, words }) => [kind, words]),
      one.said,
    )
    assert.equal(leftOut, one.leftOut)
  })

test('finds a card by the beginnings of its words, in any order', () => {
  const all = [card(), card({ code: 'T-2', title: 'Parking', audience: ['drivers'] })]
  const codes = (search: string) => found(all, search).map(({ code }) => code)
  assert.deepEqual(codes('car flo'), ['T-1'])
  assert.deepEqual(codes('DRIV'), ['T-2'])
  assert.deepEqual(codes('turn'), ['T-1', 'T-2'])
  assert.deepEqual(codes('flood parking'), [])
  assert.deepEqual(codes('  '), ['T-1', 'T-2'])
})

test('shows every card once', () => {
  const all = [card({ audience: ['drivers', 'all'] }), card({ code: 'T-2' })]
  assert.deepEqual(
    byAudience(all).map(({ audience, cards }) => [audience, cards.length]),
    [
      ['drivers', 1],
      ['all', 1],
    ],
  )
})

beforeEach(freshPhone)

async function reports() {
  const rows = await database.read(['records'], (tx) => tx.objectStore('records').getAll())
  return rows.map((row) => JSON.parse(new TextDecoder().decode(row.bytes!)))
}

test('HU7: one fetch brings every card, and one without news takes none away', async () => {
  await outbox.takeDown({ cursor: '1', serverTime: '', advice: [card(), card({ code: 'T-2' })] })
  await outbox.takeDown({ cursor: '2', serverTime: '', advice: [] })
  assert.deepEqual(
    (await store.cards()).map(({ code }) => code),
    ['T-1', 'T-2'],
  )
})

test('counts what was shown and hands it in as one report an hour later, once', async () => {
  const at = (minutes: number) => new Date(2026, 10, 22, 9, minutes)
  await store.countShown(card(), 'Northbrook Primary', at(0))
  await store.countShown(card(), 'Northbrook Primary', at(5))
  await store.countShown(card({ code: 'T-2' }), null, at(6))
  await advice.handInShown(at(59))
  assert.deepEqual(await reports(), [])
  await advice.handInShown(at(61))
  await advice.handInShown(at(62))
  const [report, ...more] = await reports()
  assert.deepEqual(more, [])
  assert.deepEqual([report.formId, report.counter, report.location], ['advice_shown', 1, null])
  assert.deepEqual(report.answers.shown, [
    { card: 'T-1', version: 2, day: '2026-11-22', place: 'Northbrook Primary', times: 2 },
    { card: 'T-2', version: 2, day: '2026-11-22', times: 1 },
  ])
})

test('hands in the day before at the first contact of the next, also within the hour', async () => {
  await store.countShown(card(), null, new Date(2026, 10, 22, 23, 50))
  await advice.handInShown(new Date(2026, 10, 23, 0, 10))
  assert.equal((await reports()).length, 1)
})

test('a card that is shown while the report is made is in the report or in the next', async () => {
  await store.countShown(card(), null, new Date(2026, 10, 22, 9, 0))
  await Promise.all([
    advice.handInShown(new Date(2026, 10, 22, 11, 0)),
    store.countShown(card(), null, new Date(2026, 10, 22, 11, 0)),
  ])
  await advice.handInShown(new Date(2026, 10, 22, 13, 0))
  const times = (await reports()).flatMap((report) => report.answers.shown.map((row: { times: number }) => row.times))
  assert.equal(
    times.reduce((sum, n) => sum + n, 0),
    2,
  )
})
