/** Saving: if it says saved, it is on the disk, whole, and frozen exactly as the contract has it. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { beforeEach, mock, test } from 'node:test'
import {
  database,
  digestOf,
  finished,
  freshPhone,
  GRAFFITI,
  hasPhotoBytes,
  outbox,
  restart,
  rowOf,
  serverStores,
  store,
  takePhoto,
} from './phone.ts'

beforeEach(freshPhone)

test('every save asks for strict durability', async () => {
  const asked: (string | undefined)[] = []
  const db = (globalThis as unknown as { IDBDatabase: { prototype: IDBDatabase } }).IDBDatabase.prototype
  const original = db.transaction
  const spy = mock.method(
    db,
    'transaction',
    function (this: IDBDatabase, ...args: Parameters<IDBDatabase['transaction']>) {
      if (args[1] === 'readwrite') asked.push(args[2]?.durability)
      return original.apply(this, args)
    },
  )
  await finished('tag', ['one'])
  spy.mock.restore()
  assert.ok(asked.length >= 3, 'draft, photo and record were saved')
  assert.deepEqual(new Set(asked), new Set(['strict']))
})

test('a draft survives the browser being closed, and its photos with it', async () => {
  const draft = await store.startDraft(GRAFFITI)
  await takePhoto(draft, 'one')
  await store.saveDraft({ ...draft, answers: { what: 'half a word' } })
  await restart()
  assert.deepEqual((await store.draft(draft.instanceId))?.answers, { what: 'half a word' })
  assert.equal(await hasPhotoBytes(draft.instanceId), true)
})

test('a discarded draft can be brought back until the next start, then it is gone, photos and all', async () => {
  const draft = await store.startDraft(GRAFFITI)
  await takePhoto(draft, 'one')
  await store.discardDraft(draft.instanceId)
  assert.deepEqual(await store.drafts(), [])
  assert.equal((await store.restoreDraft(draft.instanceId))?.instanceId, draft.instanceId)
  await store.discardDraft(draft.instanceId)
  await restart()
  assert.equal(await store.restoreDraft(draft.instanceId), null)
  assert.deepEqual(await store.photosOf(draft.instanceId), [])
})

test('the frozen submission has the contract’s keys in the contract’s order, and its digest is of exactly these bytes', async () => {
  const id = await finished('tag', ['one'])
  const { bytes, digest } = await rowOf(id)
  const text = new TextDecoder().decode(bytes!)
  assert.deepEqual(Object.keys(JSON.parse(text)), [
    'instanceId',
    'formId',
    'formVersion',
    'capturedAt',
    'counter',
    'replaces',
    'patrolId',
    'location',
    'answers',
    'attachments',
    'app',
  ])
  assert.deepEqual(JSON.parse(text).attachments, [
    { field: 'photos', sha256: digestOf('one'), size: 3, mediaType: 'image/jpeg' },
  ])
  assert.match(JSON.parse(text).capturedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/)
  assert.equal(digest, createHash('sha256').update(new Uint8Array(bytes!)).digest('hex'))
})

test('a record number is a UUIDv7 in lower case', async () => {
  assert.match(await finished('tag'), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('counters have no gap, whatever is discarded, and none is given twice when two records finish at once', async () => {
  await store.discardDraft((await store.startDraft(GRAFFITI)).instanceId)
  const ids = [await finished('one'), ...(await Promise.all([finished('two'), finished('three')]))]
  const counters = await Promise.all(ids.map(async (id) => (await rowOf(id)).counter))
  assert.deepEqual(counters.sort(), [1, 2, 3])
})

test('a photo taken back is not sent, and one whose question no longer applies is not either', async () => {
  const draft = await store.startDraft(GRAFFITI)
  await takePhoto(draft, 'kept')
  const removed = await takePhoto(draft, 'removed')
  await takePhoto(draft, 'irrelevant')
  await store.removePhoto(removed)
  await store.finish({ ...draft, answers: { photos: [digestOf('kept')] } }, GRAFFITI, 'Graffiti')
  assert.deepEqual(
    (await rowOf(draft.instanceId)).attachments.map((one) => one.sha256),
    [digestOf('kept')],
  )
  assert.equal((await store.photosOf(draft.instanceId)).length, 1)
})

test('a record that names a photo this phone does not have is not finished', async () => {
  const draft = await store.startDraft(GRAFFITI)
  await assert.rejects(store.finish({ ...draft, answers: { photos: [digestOf('gone')] } }, GRAFFITI, 'Graffiti'), {
    name: 'PhotoGone',
  })
  assert.equal((await store.drafts()).length, 1)
  assert.deepEqual(await store.records(), [])
})

test('a full phone keeps nothing of the failed save, says so in a sentence, and keeps the draft', async () => {
  const draft = await store.startDraft(GRAFFITI)
  const full = mock.method(
    (globalThis as unknown as { IDBObjectStore: { prototype: IDBObjectStore } }).IDBObjectStore.prototype,
    'add',
    () => {
      throw new DOMException('full', 'QuotaExceededError')
    },
  )
  await assert.rejects(store.finish(draft, GRAFFITI, 'Graffiti'), { name: 'StoreFull', message: /phone is full/ })
  full.mock.restore()
  assert.equal((await store.drafts()).length, 1)
  assert.deepEqual(await store.records(), [])
  assert.equal(await database.meta('counter'), null)
})

test('a waiting record can be pulled back, and keeps its number when it is finished again', async () => {
  const id = await finished('tag', ['one'])
  const draft = await store.pullBack(id)
  assert.deepEqual(draft?.answers, { what: 'tag', photos: [digestOf('one')] })
  assert.deepEqual(await store.records(), [])
  await store.finish({ ...draft!, answers: { ...draft!.answers, what: 'mended' } }, GRAFFITI, 'Graffiti')
  assert.equal((await rowOf(id)).counter, 1)
  assert.equal((await store.record(id))?.answers['what'], 'mended')
})

test('a record whose bytes may have left the phone cannot be pulled back', async () => {
  const id = await finished('tag')
  await outbox.offer([id])
  assert.equal(await store.pullBack(id), null)
  assert.equal((await store.record(id))?.state, 'waiting')
})

test('a record pulled back while the sender was choosing is not offered', async () => {
  const id = await finished('tag')
  await store.pullBack(id)
  assert.deepEqual(await outbox.offer([id]), [])
})

test('a refused record stays whole, with the reason, and does not hold up the others', async () => {
  const [bad, good] = [await finished('bad'), await finished('good')]
  await outbox.takeResults({
    epoch: 'e1',
    safeSeq: 9,
    serverTime: null,
    results: [
      {
        instanceId: bad,
        status: 'refused',
        problem: { type: '/problems/unknown-form', detail: 'Not now.', client: 'attention' },
      },
    ],
  })
  assert.deepEqual(
    (await outbox.unsent('srv')).map((row) => row.instanceId),
    [good],
  )
  const record = await store.record(bad)
  assert.equal(record?.state, 'stuck')
  assert.equal(record?.detail, 'Not now.')
  assert.deepEqual(record?.answers, { what: 'bad' })
})

test('a person can have a refused record tried again', async () => {
  const id = await finished('bad')
  await outbox.setAside(id, { type: '/problems/unknown-form', detail: 'Not now.' })
  assert.deepEqual(await outbox.unsent('srv'), [])
  await store.tryAgain(id)
  assert.equal((await store.record(id))?.state, 'waiting')
  assert.equal((await outbox.unsent('srv')).length, 1)
})

test('what is mended replaces the first at the office, unless another record has its number there', async () => {
  for (const [type, says] of [['/problems/unknown-form', true], ['/problems/id-reused', false]] as const) {
    const id = await finished('first')
    await outbox.setAside(id, { type, detail: 'No.' })
    const mended = await store.startDraft(GRAFFITI, { replaces: id, answers: { what: 'mended' } })
    await store.finish(mended, GRAFFITI, 'Graffiti, mended')
    const told = JSON.parse(new TextDecoder().decode((await rowOf(mended.instanceId)).bytes!))
    assert.equal(told.replaces, says ? id : null)
    assert.equal((await store.record(id))?.state, 'mended')
  }
})

test('a refusal that asks for another try leaves the record waiting', async () => {
  const id = await finished('tag')
  const problem = { type: '/problems/busy', detail: 'Later.', client: 'retry' }
  const later = await outbox.takeResults({
    epoch: 'e1',
    safeSeq: 0,
    serverTime: null,
    results: [{ instanceId: id, status: 'refused', problem }],
  })
  assert.deepEqual(later, problem)
  assert.equal((await outbox.unsent('srv')).length, 1)
})

test('a refused photo is set aside and the others of its record still go', async () => {
  const id = await finished('tag', ['one', 'two'])
  await serverStores(id, { missing: [digestOf('one'), digestOf('two')] })
  const problem = { type: '/problems/not-a-photo', detail: 'Not a photo.', client: 'attention' }
  await outbox.takeResults({
    epoch: 'e1',
    safeSeq: 0,
    serverTime: null,
    results: [{ sha256: digestOf('one'), status: 'refused', problem }],
  })
  assert.equal((await outbox.unsent('srv')).length, 1)
  await outbox.takeResults({
    epoch: 'e1',
    safeSeq: 0,
    serverTime: null,
    results: [{ sha256: digestOf('two'), status: 'stored' }],
  })
  assert.equal((await outbox.unsent('srv')).length, 0)
  assert.equal((await store.record(id))?.state, 'stuck')
  assert.equal(await hasPhotoBytes(id), true)
})

test('a record with photos still to go is waiting, not sent', async () => {
  const id = await finished('tag', ['one', 'two'])
  await serverStores(id, { missing: [digestOf('two')] })
  const record = await store.record(id)
  assert.equal(record?.state, 'waiting')
  assert.equal(`${record?.photosSent} of ${record?.photosTotal}`, '1 of 2')
  await outbox.takeResults({
    epoch: 'e1',
    safeSeq: 0,
    serverTime: null,
    results: [{ sha256: digestOf('two'), status: 'already' }],
  })
  assert.match((await store.record(id))!.words, /^Sent .*, receipt [0-9A-Z]{4}$/)
})

test('a record made for one server is never offered to another', async () => {
  await finished('tag')
  assert.deepEqual(await outbox.unsent('another'), [])
})

test('a review outcome changes what the record says, and an answer to it settles it', async () => {
  const id = await finished('tag')
  await serverStores(id)
  await outbox.takeDown({
    cursor: 'c1',
    serverTime: '2026-11-22T12:00:00Z',
    reviews: [
      {
        instanceId: id,
        reviewState: 'hasIssues',
        reason: 'too_dark',
        reasonWords: 'The photo is too dark',
        note: 'Use the torch',
        reviewedAt: '2026-11-22T11:00:00Z',
        reviewer: 'Kerry B',
      },
    ],
  })
  const record = await store.record(id)
  assert.deepEqual(
    [record?.state, record?.words, record?.detail],
    ['returned', 'Sent back: the photo is too dark', 'Use the torch'],
  )
  assert.equal((await outbox.counts()).attention, 1)
  const answer = await store.startDraft(GRAFFITI, { replaces: id, answers: record!.answers })
  await store.finish(answer, GRAFFITI, 'Graffiti, mended')
  assert.equal((await outbox.counts()).attention, 0)
})

test('a newer form replaces an older one, which stays while a record was made with it', async () => {
  const down = (version: string) =>
    outbox.takeDown({ cursor: version, serverTime: '', forms: [{ ...GRAFFITI, version }] })
  await down('1')
  await finished('tag')
  await down('2')
  await down('3')
  assert.deepEqual(
    (await store.forms()).map((form) => form.version),
    ['3'],
  )
  assert.equal((await store.form('graffiti', '1'))?.version, '1')
  assert.equal(await store.form('graffiti', '2'), null)
})

test('a withdrawn form starts nothing new but can still be read', async () => {
  await outbox.takeDown({ cursor: '1', serverTime: '', forms: [GRAFFITI] })
  await finished('tag')
  await outbox.takeDown({ cursor: '2', serverTime: '', removed: { forms: ['graffiti'] } })
  assert.deepEqual(await store.forms(), [])
  assert.equal(await store.form('graffiti'), null)
  assert.equal((await store.form('graffiti', '1'))?.title, 'Graffiti')
})
