/** What a tablet keeps of a patrol, and what it lets go of. */
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { Form } from '../../../pwa/src/types.ts'
import { database, freshPhone, rowOf, serverStores, store } from './phone.ts'

const patrols = await import('../../../pwa/src/store/patrols.ts')
const { account } = await import('../../../pwa/src/store/numbers.ts')

const TICKET: Form = {
  formId: 'mock_ticket',
  version: '1',
  title: 'Mock ticket',
  audience: ['pupil'],
  regime: 'uk_gdpr',
  retention: 'mock_ticket',
  fields: [],
}
const DAY = 86_400_000

beforeEach(freshPhone)

async function ticket(
  team: string,
  number: number,
  more: object = {},
  replaces: string | null = null,
): Promise<string> {
  const answers = { team, ticket_number: number, ticket_no: `${team.toUpperCase()}-0${number}`, ...more }
  const draft = { ...(await store.startDraft(TICKET, { answers })), patrolId: 'p1', replaces }
  await store.finish(draft, TICKET, answers.ticket_no)
  return draft.instanceId
}

async function aged(instanceId: string, days: number): Promise<void> {
  const capturedAt = new Date(Date.now() - days * DAY).toISOString()
  await database.write(['records'], async (tx) => {
    await tx.objectStore('records').put({ ...(await tx.objectStore('records').get(instanceId))!, capturedAt })
  })
}

test('the next number of a team counts on, also after a mistake and a restart', async () => {
  assert.equal(await patrols.nextNumber('p1', 'fox'), 1)
  const first = await ticket('fox', 1)
  await ticket('owl', 1)
  await ticket('fox', 1, { spoiled: 'yes' }, first)
  assert.equal(await patrols.nextNumber('p1', 'fox'), 2)
  assert.equal(await patrols.nextNumber('another', 'fox'), 1)
})

test('the last ticket is the newest that was no mistake', async () => {
  const first = await ticket('fox', 1)
  const second = await ticket('fox', 2)
  assert.equal((await patrols.lastTicket('p1'))?.instanceId, second)
  await ticket('fox', 2, { spoiled: 'yes' }, second)
  assert.equal((await patrols.lastTicket('p1'))?.instanceId, first)
})

test('a tablet is cleared only when everything was sent, and then holds nothing for the next class', async () => {
  await patrols.setJoined({ patrolId: 'p1' } as Parameters<typeof patrols.setJoined>[0])
  const sent = await ticket('fox', 1)
  await assert.rejects(patrols.clearTablet())
  assert.ok(await rowOf(sent), 'nothing was lost by asking too early')
  await serverStores(sent)
  await store.startDraft(TICKET, { answers: { team: 'fox' } })
  await patrols.clearTablet()
  const left = await database.read(['records', 'drafts', 'photos', 'photoBytes'], async (tx) =>
    Promise.all((['records', 'drafts', 'photos', 'photoBytes'] as const).map((name) => tx.objectStore(name).count())),
  )
  assert.deepEqual(left, [0, 0, 0, 0])
  assert.equal(await patrols.joined(), null)
  const receipts = await database.read(['receipts'], (tx) => tx.objectStore('receipts').getAll())
  assert.equal(receipts.length, 1, 'the receipt stays: it says nothing but that it came')
  assert.ok(!JSON.stringify(receipts).includes('FOX'))
})

test('what a class drew and has not handed in yet outlives a patrol on the same tablet', async () => {
  const drawn = await store.startDraft({ ...TICKET, formId: 'ticket_design' }, { answers: { made_by: 'year4' } })
  await patrols.setJoined({ patrolId: 'p1' } as Parameters<typeof patrols.setJoined>[0])
  await patrols.clearTablet()
  assert.deepEqual((await store.drafts()).map((draft) => draft.instanceId), [drawn.instanceId])
})

test('DP6: a ticket that was never sent goes after 14 days, a day after the warning at the earliest', async () => {
  const [old, young] = [await ticket('fox', 1), await ticket('fox', 2)]
  await aged(old, 15)
  await aged(young, 12)
  const now = Date.now()
  assert.equal(await patrols.eraseOld(now), 0, 'nobody was warned')
  assert.deepEqual((await patrols.unsentSince())?.count, 2)
  await patrols.warned(now)
  assert.equal(await patrols.eraseOld(now + DAY - 1), 0, 'the warning has to be up for a day')
  assert.equal(await patrols.eraseOld(now + DAY), 1)
  await assert.rejects(rowOf(old))
  assert.ok(await rowOf(young))
  assert.deepEqual((await account()).without.find((one) => one.is === 'discarded')?.counter, 1, 'the office knows')
})
