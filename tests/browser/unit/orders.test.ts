/** Orders of the office: believed only with its proof; and what a phone that clears itself still has to hand over. */
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { beforeEach, test } from 'node:test'
import { database, digestOf, finished, freshPhone, GRAFFITI, outbox, restart, rowOf, serverStores, store, takePhoto } from './phone.ts'

const { maySays, orderKeyOf, standingOrder, takeOrder } = await import('../../../pwa/src/store/orders.ts')
const { leftHere } = await import('../../../pwa/src/store/clearing.ts')
const { ask, NotOurs } = await import('../../../pwa/src/sync/server.ts')
const { receiptCode } = await import('../../../pwa/src/store/view.ts')

const OURS = { deviceId: 'd1', name: 'Phone 7', role: 'officer', serverId: 'srv' }
const TOKEN = 'the token in the cookie'

/** As standing.py proves it. */
function proof(...said: (string | number)[]): string {
  const key = createHash('sha256').update(TOKEN).digest()
  return createHmac('sha256', key).update(['beatbook', ...said].join('\n')).digest('hex')
}

const LOST = { id: 7, do: 'clear', why: 'lost', proof: proof('order', 'srv', 'd1', 7, 'lost') } as const

beforeEach(async () => {
  await freshPhone()
  await database.setMeta('orderKey', await orderKeyOf(TOKEN))
})

test('an order with the proof of our office stands until it is taken back', async () => {
  assert.equal(await takeOrder(OURS, LOST), 'ours')
  assert.deepEqual(await standingOrder(), { id: 7, do: 'clear', why: 'lost' })
  assert.equal(await takeOrder(OURS, undefined), 'ours')
  assert.equal(await standingOrder(), null)
})

for (const [what, forged] of Object.entries({
  'no proof at all': { ...LOST, proof: '' },
  'any proof': { ...LOST, proof: 'f'.repeat(64) },
  'the proof of another order': { ...LOST, id: 8 },
  'another reason': { ...LOST, why: 'stolen' },
  'the proof for another phone': { ...LOST, proof: proof('order', 'srv', 'd2', 7, 'lost') },
  'the proof of another office': { ...LOST, proof: proof('order', 'other', 'd1', 7, 'lost') },
}))
  test(`an order with ${what} is forged, and changes nothing`, async () => {
    assert.equal(await takeOrder(OURS, forged), 'forged')
    assert.equal(await standingOrder(), null)
  })

test('a phone without a key believes no order', async () => {
  await database.setMeta('orderKey', null)
  assert.equal(await takeOrder(OURS, LOST), 'forged')
})

test('the yes counts for the very question that was asked', async () => {
  assert.equal(await maySays(OURS, 'nonce', proof('clear', 'srv', 'd1', 'nonce')), true)
  assert.equal(await maySays(OURS, 'another', proof('clear', 'srv', 'd1', 'nonce')), false)
})

test('a page of a captive portal with an order in it is no answer of ours', async () => {
  const before = globalThis.fetch
  globalThis.fetch = async () => new Response(JSON.stringify({ order: LOST }), { status: 200 })
  try {
    await assert.rejects(ask('/api/sync/check', { method: 'POST', body: '{}', serverId: 'srv' }), NotOurs)
  } finally {
    globalThis.fetch = before
  }
})

test('what is handed over: records without a receipt, photos that are missing, and what is not finished', async () => {
  const sent = await finished('sent')
  await serverStores(sent)
  const half = await finished('half', ['late'])
  await serverStores(half, { missing: [digestOf('late')] })
  const refused = await finished('refused', ['two'])
  const draft = await store.startDraft(GRAFFITI, { answers: { what: 'begun' } })
  await takePhoto(draft, 'three')
  const foreign = await finished('foreign')
  await database.write(['records'], async (tx) => {
    const row = await tx.objectStore('records').get(foreign)
    await tx.objectStore('records').put({ ...row!, serverId: 'another office' })
  })
  const found = await leftHere('srv')
  assert.equal(found.foreign, 1)
  assert.deepEqual(found.pieces.map(({ kind, key }) => [kind, key]).sort(), [
    ['draft', draft.instanceId],
    ['photo', digestOf('late')],
    ['photo', digestOf('three')],
    ['photo', digestOf('two')],
    ['record', refused],
  ].sort())
  const record = found.pieces.find(({ kind }) => kind === 'record')!
  assert.deepEqual(await record.bytes(), (await rowOf(refused)).bytes)
  const begun = found.pieces.find(({ kind }) => kind === 'draft')!
  const told = JSON.parse(new TextDecoder().decode((await begun.bytes())!))
  assert.equal(told.draft.answers.what, 'begun')
  assert.deepEqual(told.photos, [{ field: 'photos', sha256: digestOf('three') }])
})

test('the phone shows the four letters that the desk shows', () => {
  assert.equal(receiptCode('1f2e3d4c-0000-4000-8000-000000000000'.replaceAll('-', '')), '3WQ3')
})

test('a phone passed to another officer shows nobody what the one before has begun, and gives it back', async () => {
  const carriedBy = (holder: string) =>
    outbox.takeDown({ cursor: 'c', serverTime: '', device: { deviceId: 'd1', name: 'Phone 7', role: 'officer', holder } })
  const early = await store.startDraft(GRAFFITI, { answers: { what: 'before anybody was named' } })
  await carriedBy('Sarah Finch')
  assert.equal((await store.drafts()).length, 1, 'the first to be named is who has carried it all along')
  const hers = await store.startDraft(GRAFFITI, { answers: { what: 'hers' } })
  await carriedBy('Kerry Boyd')
  assert.deepEqual(await store.drafts(), [])
  assert.equal(await store.draft(hers.instanceId), null)
  assert.equal(await store.putAway(), 2)
  const his = await store.startDraft(GRAFFITI, { answers: { what: 'his' } })
  assert.equal((await leftHere('srv')).pieces.length, 3, 'all of it is handed over should the phone get lost')
  await carriedBy('Sarah Finch')
  const found = (await store.drafts()).map((draft) => draft.instanceId)
  assert.deepEqual(found.sort(), [early.instanceId, hers.instanceId].sort())
  assert.equal(await store.putAway(), 1)
  await carriedBy('Kerry Boyd')
  assert.deepEqual((await store.drafts()).map((draft) => draft.instanceId), [his.instanceId])
})

test('an answer to a code that got lost is asked for again with the same secret, also by the next start', async () => {
  const { enrol } = await import('../../../pwa/src/session.ts')
  const before = globalThis.fetch
  const asked: { code: string; attempt: string; was?: string }[] = []
  let answers = false
  globalThis.fetch = (async (_: string, init: RequestInit) => {
    asked.push(JSON.parse(init.body as string))
    if (!answers) throw new TypeError('the answer got lost')
    const body = { deviceId: 'd2', name: 'Phone 8', role: 'officer', token: TOKEN }
    return new Response(JSON.stringify(body), { status: 201, headers: { 'Beatbook-Server': 'srv' } })
  }) as typeof fetch
  try {
    await assert.rejects(enrol('ABCDEFGH'), { title: 'No signal' })
    await restart()
    answers = true
    await enrol('ABCDEFGH')
    assert.equal(asked[0]!.attempt, asked[1]!.attempt)
    assert.match(asked[0]!.attempt, /^[0-9a-f]{32}$/)
    assert.equal(asked[1]!.was, 'd1')
    assert.equal(await takeOrder({ ...OURS, deviceId: 'd2' }, { ...LOST, proof: proof('order', 'srv', 'd2', 7, 'lost') }), 'ours')
    await enrol('WXYZWXYZ')
    assert.notEqual(asked[2]!.attempt, asked[1]!.attempt)
  } finally {
    globalThis.fetch = before
  }
})
