/** The rule by which a phone lets go of what it has sent: promise 6, clause by clause. */
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { isDoneWith, mayForget } from '../../../pwa/src/store/keeping.ts'
import {
  database,
  digestOf,
  finished,
  freshPhone,
  hasPhotoBytes,
  outbox,
  receiptFor,
  restart,
  rowOf,
  serverStores,
  store,
} from './phone.ts'

const SAFE = { epoch: 'e1', safeSeq: 10, serverTime: '2026-11-22T12:00:00Z' }

beforeEach(freshPhone)

async function delivered() {
  const id = await finished('tag', ['one'])
  await serverStores(id)
  return rowOf(id)
}

test('a record the server has whole, in a verified backup, may go', async () => {
  assert.equal(mayForget(await delivered(), 'e1', SAFE), true)
})

test('without a receipt nothing goes', async () => {
  const row = await rowOf(await finished('tag'))
  assert.equal(mayForget(row, 'e1', SAFE), false)
})

test('a receipt for other bytes or another record frees nothing', async () => {
  const row = await delivered()
  assert.equal(mayForget({ ...row, receipt: { ...row.receipt!, digest: digestOf('other') } }, 'e1', SAFE), false)
  assert.equal(mayForget({ ...row, receipt: { ...row.receipt!, instanceId: 'other' } }, 'e1', SAFE), false)
})

test('while a photo is missing nothing goes', async () => {
  const row = await delivered()
  assert.equal(mayForget({ ...row, missing: [digestOf('one')] }, 'e1', SAFE), false)
})

test('a receipt not vouched for in the present epoch frees nothing', async () => {
  const row = await delivered()
  assert.equal(mayForget(row, 'e0', SAFE), false)
  assert.equal(mayForget(row, null, SAFE), false)
})

test('before a verified backup a record stays until its grace is over, by the server’s clock', async () => {
  const row = await delivered()
  assert.equal(mayForget(row, 'e1', { ...SAFE, safeSeq: 0 }), false)
  assert.equal(mayForget(row, 'e1', { ...SAFE, safeSeq: 0, serverTime: null }), false)
  assert.equal(mayForget(row, 'e1', { ...SAFE, safeSeq: 0, serverTime: '2026-12-06T09:59:59Z' }), false)
  assert.equal(mayForget(row, 'e1', { ...SAFE, safeSeq: 0, serverTime: '2026-12-06T10:00:01Z' }), true)
})

test('DP6: what the office refused, or does not have whole, never goes from this phone', async () => {
  const row = await delivered()
  assert.equal(mayForget({ ...row, refusal: { type: 't', detail: 'No.', at: 'now' } }, 'e1', SAFE), false)
})

test('a record that may come back from review stays readable while there is room', async () => {
  const row = await delivered()
  const review = (reviewState: string) => ({
    reviewState,
    reason: null,
    note: null,
    reviewedAt: '2026-11-22T11:00:00Z',
    reviewer: null,
  })
  assert.equal(isDoneWith(row, SAFE, false), false)
  assert.equal(isDoneWith({ ...row, review: review('hasIssues') }, SAFE, false), false)
  assert.equal(isDoneWith({ ...row, review: review('approved') }, SAFE, false), true)
  assert.equal(isDoneWith(row, SAFE, true), true)
})

test('letting go keeps receipt, thumbnail and summary, and the number in the chain for a server that lost its own', async () => {
  const { instanceId } = await delivered()
  await outbox.forget([instanceId], SAFE)
  await restart()
  const record = await store.record(instanceId)
  assert.equal(await hasPhotoBytes(instanceId), false)
  assert.equal((await rowOf(instanceId)).bytes, null)
  assert.equal(record?.title, 'Graffiti, tag')
  assert.equal((await store.photosOf(instanceId))[0]!.thumbnail.byteLength, 3)
  assert.deepEqual(await outbox.lastReceipt(), record?.receipt)
  assert.equal(record?.state, 'sent')
})

test('forgetting asks the rule again, whatever it is told to forget', async () => {
  const { instanceId } = await delivered()
  await outbox.forget([instanceId], { ...SAFE, epoch: 'e2' })
  assert.equal(await hasPhotoBytes(instanceId), true)
})

test('a new epoch leaves every receipt unconfirmed, and what the server lost is sent again', async () => {
  const { instanceId } = await delivered()
  await outbox.takeServerState({ ...SAFE, epoch: 'e2' })
  assert.deepEqual(
    (await outbox.unconfirmed('e2', 500)).map((row) => row.instanceId),
    [instanceId],
  )
  await outbox.takeCheck({ epoch: 'e2', safeSeq: 0, submissions: [{ instanceId, status: 'missing' }], attachments: [] })
  const [row] = await outbox.unsent('srv')
  assert.equal(row?.instanceId, instanceId)
  assert.deepEqual(row?.missing, [digestOf('one')])
  assert.equal((await store.record(instanceId))?.state, 'waiting')
})

test('what the server still has after a restore is confirmed, with the photos it lost', async () => {
  const { instanceId } = await delivered()
  await outbox.takeServerState({ ...SAFE, epoch: 'e2' })
  await outbox.takeCheck({
    epoch: 'e2',
    safeSeq: 0,
    submissions: [{ instanceId, status: 'same', missing: [digestOf('one')] }],
    attachments: [],
  })
  assert.deepEqual(await outbox.unconfirmed('e2', 500), [])
  assert.deepEqual(
    (await outbox.unsent('srv')).map((row) => row.missing),
    [[digestOf('one')]],
  )
})

test('a receipt of an epoch gone by is not taken for an answer of today', async () => {
  const id = await finished('late')
  await outbox.takeServerState({ ...SAFE, epoch: 'e2' })
  await serverStores(id, { receipt: { epoch: 'e1' }, epoch: 'e2' })
  assert.deepEqual(
    (await outbox.unconfirmed('e2', 500)).map((row) => row.instanceId),
    [id],
  )
})

test('a record the server lost after the phone let it go is shown as lost, not forgotten', async () => {
  const { instanceId } = await delivered()
  await outbox.forget([instanceId], SAFE)
  await outbox.takeCheck({ epoch: 'e2', safeSeq: 0, submissions: [{ instanceId, status: 'missing' }], attachments: [] })
  assert.equal((await store.record(instanceId))?.words, 'Lost at the office')
  assert.deepEqual(await outbox.unsent('srv'), [])
})

test('a record removed at the office is removed here, and says so', async () => {
  const { instanceId } = await delivered()
  await outbox.takeCheck({
    epoch: 'e1',
    safeSeq: 0,
    submissions: [{ instanceId, status: 'redacted' }],
    attachments: [],
  })
  assert.equal(await hasPhotoBytes(instanceId), false)
  assert.equal((await store.record(instanceId))?.words, 'Removed at the office')
})

test('DP5: of what the office erased only form and receipt stay, and what it does not have stays whole', async () => {
  const { instanceId, receipt } = await delivered()
  const unsent = await finished('tag', ['two'])
  const near = { formId: 'graffiti', title: 'Tag, Castle Walk', at: new Date().toISOString(), latitude: 51, longitude: 1 }
  const down = { serverTime: '2026-11-22T12:00:00Z' }
  await outbox.takeDown({ ...down, cursor: '1', nearby: [{ ...near, instanceId: 'gone' }, { ...near, instanceId: 'here' }] })
  await outbox.takeDown({ ...down, cursor: '2', removed: { records: [instanceId, unsent, 'gone'] } })
  await outbox.takeDown({ ...down, cursor: '3', removed: { records: [instanceId] } })
  const row = await rowOf(instanceId)
  assert.deepEqual([row.title, row.place, row.location, row.bytes], ['Graffiti', null, null, null])
  assert.deepEqual(row.receipt, receipt)
  assert.equal(row.history.filter((line) => line.words === 'Removed at the office').length, 1)
  assert.deepEqual(await database.read(['photos'], (tx) => tx.objectStore('photos').index('instanceId').getAll(instanceId)), [])
  assert.equal(await hasPhotoBytes(instanceId), false)
  assert.equal(await hasPhotoBytes(unsent), true)
  const told = (await database.meta<{ instanceId: string }[]>('nearby')) ?? []
  assert.deepEqual(told.map((one) => one.instanceId), ['here'])
})

test('DP6: old summaries go after thirty days and receipts after ninety, by the server’s clock', async () => {
  const { instanceId } = await delivered()
  await outbox.tidy('2027-03-01T00:00:00Z')
  assert.notEqual(await store.record(instanceId), null, 'its payload is still here')
  await outbox.forget([instanceId], SAFE)
  await outbox.tidy('2026-12-23T00:00:00Z')
  assert.equal(await store.record(instanceId), null)
  assert.deepEqual(await outbox.lastReceipt(), await receiptOf(instanceId))
  await outbox.tidy('2027-03-01T00:00:00Z')
  assert.equal(await outbox.lastReceipt(), null)
})

async function receiptOf(instanceId: string) {
  const row = await database.read(['receipts'], (tx) => tx.objectStore('receipts').get(instanceId))
  const { digest, epoch, seq, chain, receivedAt } = row!
  return { instanceId, digest, epoch, seq, chain, receivedAt }
}

test('a receipt that names other bytes is no answer at all', async () => {
  const id = await finished('tag')
  await outbox.takeResults({
    epoch: 'e1',
    safeSeq: 0,
    serverTime: null,
    results: [
      { instanceId: id, status: 'stored', receipt: await receiptFor(id, { digest: digestOf('other') }), missing: [] },
    ],
  })
  assert.equal((await rowOf(id)).receipt, null)
  assert.equal((await outbox.unsent('srv')).length, 1)
})
