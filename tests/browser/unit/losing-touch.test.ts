/** When the browser loses the database, or has no room: what is done before a person is told. */
import assert from 'node:assert/strict'
import { beforeEach, mock, test } from 'node:test'
import { database, freshPhone, GRAFFITI, restart, store } from './phone.ts'

const { keepReserve, spendReserve } = await import('../../../pwa/src/store/device.ts') // after phone.ts: see there

beforeEach(async () => {
  delete (globalThis as { sessionStorage?: unknown }).sessionStorage
  await freshPhone()
})

/** The storage process dies under the page: every open handle is dead, and so is every new one while `dead` lasts. */
async function loseConnection({ dead = false } = {}) {
  const factory = indexedDB
  const open = factory.open.bind(factory)
  await closeHandle()
  if (dead) {
    mock.method(factory, 'open', () => {
      throw new DOMException(
        'Connection to Indexed Database server lost. Refresh the page to try again',
        'UnknownError',
      )
    })
  }
  return () => Object.assign(factory, { open })
}

async function closeHandle() {
  await database.read(['meta'], async (tx) => tx.db.close())
}

function aBrowserTab() {
  const kept = new Map<string, string>()
  const reload = mock.fn()
  Object.assign(globalThis, {
    sessionStorage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    },
    location: { reload },
  })
  return reload
}

test('a dead connection is opened anew, and the save goes through', async () => {
  const draft = await store.startDraft(GRAFFITI)
  await loseConnection()
  await store.saveDraft({ ...draft, answers: { what: 'after' } })
  assert.deepEqual((await store.draft(draft.instanceId))?.answers, { what: 'after' })
})

test('when only a reload helps, the open form is carried across it', async () => {
  const draft = await store.startDraft(GRAFFITI)
  const reload = aBrowserTab()
  const recover = await loseConnection({ dead: true })
  await assert.rejects(store.saveDraft({ ...draft, answers: { what: 'not lost' } }), {
    name: 'StoreUnavailable',
    message: /open it again/,
  })
  assert.equal(reload.mock.callCount(), 1)
  recover()
  await restart()
  assert.deepEqual((await store.draft(draft.instanceId))?.answers, { what: 'not lost' })
})

test('it reloads twice a minute at most, then tells the person', async () => {
  const draft = await store.startDraft(GRAFFITI)
  const reload = aBrowserTab()
  await loseConnection({ dead: true })
  for (let time = 0; time < 4; time++) await assert.rejects(store.saveDraft(draft), { name: 'StoreUnavailable' })
  assert.equal(reload.mock.callCount(), 2)
})

test('a browser that keeps nothing is told of in a sentence', async () => {
  await database.closeDatabase()
  Object.assign(globalThis, { indexedDB: undefined })
  await assert.rejects(store.openStore(), { name: 'StoreUnavailable', message: /private browsing/ })
})

test('space is set aside from the first start, and can be spent once', async () => {
  assert.equal(await spendReserve(), true)
  assert.equal(await spendReserve(), false)
  await keepReserve()
  assert.equal(await spendReserve(), true)
})
