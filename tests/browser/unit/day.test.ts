/** My day on the phone: what the office gave, what was said about it, and whose word counts when. */
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { Task } from '../../../pwa/src/types.ts'
import { database, freshPhone, GRAFFITI, outbox, rowOf, serverStores, store } from './phone.ts'

const { sorted, summary } = await import('../../../pwa/src/app/tasks.ts')

function task(changes: Partial<Task> = {}): Task {
  return {
    taskId: 't1',
    title: 'Visit the huts',
    note: null,
    origin: 'supervisor',
    place: 'Tankerton',
    startsAt: '2026-11-22T11:00:00Z',
    endsAt: '2026-11-22T12:00:00Z',
    formId: 'graffiti',
    state: 'todo',
    stateAt: '2026-11-22T08:00:00Z',
    reason: null,
    ...changes,
  }
}

async function fetched(tasks: Task[], more: { fresh?: boolean; removed?: { tasks: string[] } } = {}): Promise<void> {
  await outbox.takeDown({ cursor: 'c', serverTime: '', tasks, ...more })
}

async function lastReport() {
  const rows = await database.read(['records'], (tx) => tx.objectStore('records').getAll())
  const row = rows.sort((a, b) => b.counter - a.counter)[0]!
  return { row, body: JSON.parse(new TextDecoder().decode(row.bytes!)) }
}

beforeEach(freshPhone)

test('what is pressed offline is saved as a report and shows at once', async () => {
  await fetched([task()], { fresh: true })
  await store.reportTask('t1', 'not_done', 'No time')
  const [shown] = await store.tasks()
  assert.deepEqual([shown!.state, shown!.reason], ['not_done', 'No time'])
  const { row, body } = await lastReport()
  assert.equal(row.title, 'Not done: Visit the huts')
  assert.deepEqual(body.answers, { task: 't1', title: 'Visit the huts', state: 'not_done', reason: 'No time' })
  assert.deepEqual([body.formId, body.formVersion, body.counter], ['task_state', '1', 1])
  assert.deepEqual(await store.drafts(), [])
})

test('until our report has arrived, what the office says of the state does not undo it', async () => {
  await fetched([task()], { fresh: true })
  await store.reportTask('t1', 'done')
  await fetched([task({ title: 'Visit the huts early' })])
  assert.deepEqual(
    (await store.tasks()).map((one) => [one.title, one.state]),
    [['Visit the huts early', 'done']],
  )
  await serverStores((await lastReport()).row.instanceId)
  await fetched([task({ state: 'doing' })])
  assert.deepEqual(
    (await store.tasks()).map((one) => one.state),
    ['doing'],
  )
})

test('a task that goes to somebody else leaves, and so does all that a new history does not know', async () => {
  await fetched([task(), task({ taskId: 't2' })], { fresh: true })
  await fetched([], { removed: { tasks: ['t1'] } })
  assert.deepEqual(
    (await store.tasks()).map((one) => one.taskId),
    ['t2'],
  )
  await fetched([task({ taskId: 't3' })], { fresh: true })
  assert.deepEqual(
    (await store.tasks()).map((one) => one.taskId),
    ['t3'],
  )
})

test('an older server that speaks of no tasks takes none away', async () => {
  await fetched([task()], { fresh: true })
  await outbox.takeDown({ cursor: 'c', serverTime: '' })
  assert.equal((await store.tasks()).length, 1)
})

test('a record made on a task says so in its bytes, also when it was pulled back and mended', async () => {
  const draft = await store.startDraft(GRAFFITI, { links: { taskId: 't1', aboutId: 'r1' } })
  await store.finish({ ...draft, answers: { what: 'KRON' } }, GRAFFITI, 'Graffiti')
  const pulled = await store.pullBack(draft.instanceId)
  assert.deepEqual(pulled!.links, { taskId: 't1', aboutId: 'r1' })
  await store.finish(pulled!, GRAFFITI, 'Graffiti')
  const body = JSON.parse(new TextDecoder().decode((await rowOf(draft.instanceId)).bytes!))
  assert.deepEqual([body.taskId, body.aboutId], ['t1', 'r1'])
  const mended = await store.startDraft(GRAFFITI, { replaces: draft.instanceId })
  assert.deepEqual(mended.links, { taskId: 't1', aboutId: 'r1' })
  const plain = await store.startDraft(GRAFFITI)
  await store.finish(plain, GRAFFITI, 'Graffiti')
  assert.equal('taskId' in JSON.parse(new TextDecoder().decode((await rowOf(plain.instanceId)).bytes!)), false)
})

test('alerts stay until they are seen, and are forgotten when the office takes them back', async () => {
  const alert = {
    instanceId: 'r1',
    formId: 'hut_damage',
    flag: 'Hot barbecue',
    title: 'Hut A13',
    place: null,
    receivedAt: '2026-11-22T09:00:00Z',
  }
  const other = { ...alert, instanceId: 'r2' }
  const down = (alerts: (typeof alert)[]) => outbox.takeDown({ cursor: 'c', serverTime: '', alerts })
  const unseen = async () => (await store.unseenAlerts()).map(({ instanceId }) => instanceId)
  await down([other, alert])
  assert.deepEqual(await unseen(), ['r2', 'r1'])
  await store.alertSeen(other)
  await down([other, alert])
  assert.deepEqual(await unseen(), ['r1'])
  await down([])
  await down([other])
  assert.deepEqual(await unseen(), ['r2'], 'what was taken back and comes again is news')
})

test('late first, then the order of time, then what comes and what is over', async () => {
  const now = new Date('2026-11-22T13:00:00Z')
  const all = [
    task({ taskId: 'over', state: 'done' }),
    task({ taskId: 'late' }),
    task({ taskId: 'now', startsAt: '2026-11-22T12:30:00Z', endsAt: '2026-11-22T14:00:00Z' }),
    task({ taskId: 'next', startsAt: '2026-11-24T09:00:00Z', endsAt: '2026-11-24T10:00:00Z' }),
  ]
  const order = (held?: string) => sorted(all, now, held).map(({ part, tasks }) => [part, ...tasks.map((t) => t.taskId)])
  assert.deepEqual(order(), [
    ['late', 'late'],
    ['today', 'now'],
    ['later', 'next'],
    ['ended', 'over'],
  ])
  assert.deepEqual(order('over')[0], ['late', 'over', 'late'], 'what was just pressed stays under the finger')
  assert.equal(summary(all, now), '2 to do, 1 late')
  assert.equal(summary([], now), 'Nothing to do')
})
