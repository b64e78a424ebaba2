/** The sender's pace, its patience, and its words. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Device } from '../../../pwa/src/types.ts'
import { database, digestOf, finished, freshPhone, outbox, receiptFor, rowOf, serverStores, store } from './phone.ts'
import { backOff, batch, Pace } from '../../../pwa/src/sync/pace.ts'
import { holdUpWords, statusOf, type Pulse } from '../../../pwa/src/sync/words.ts'
import { receiptCode } from '../../../pwa/src/store/view.ts'

const { round, TryAgain } = await import('../../../pwa/src/sync/run.ts') // after phone.ts: see there

const IDLE: Pulse = { sending: [], done: 0, total: 0, online: true, holdUp: null, nextTryAt: null }
const words = (pulse: Partial<Pulse>, waiting: number, attention = 0) =>
  statusOf({ ...IDLE, ...pulse }, waiting, attention, 1_000).words

test('the wait doubles from five seconds to five minutes, and never comes to less than half', () => {
  assert.deepEqual(
    [1, 2, 3, 7, 99].map((failures) => backOff(failures, 1)),
    [5_000, 10_000, 20_000, 300_000, 300_000],
  )
  assert.equal(backOff(3, 0), 10_000)
})

test('thirty tablets do not come back at the same moment', () => {
  const waits = Array.from({ length: 30 }, () => backOff(4))
  assert.ok(new Set(waits).size > 25)
})

test('requests grow while the link is quick and halve when it fails', () => {
  const pace = new Pace()
  const first = pace.size
  pace.succeeded(500)
  assert.equal(pace.size, first * 2)
  pace.succeeded(10_000)
  assert.equal(pace.size, first * 2)
  pace.failed()
  assert.equal(pace.size, first)
  for (let time = 0; time < 50; time++) pace.succeeded(1)
  assert.equal(pace.size, 4 * 1024 * 1024)
  for (let time = 0; time < 50; time++) pace.failed()
  assert.equal(pace.size, 16 * 1024)
})

test('a batch is what fits, and always at least one', () => {
  assert.deepEqual(
    batch([5, 5, 5], (size) => size, 11, 9),
    [5, 5],
  )
  assert.deepEqual(
    batch([50, 5], (size) => size, 11, 9),
    [50],
  )
  assert.deepEqual(
    batch([1, 1, 1], (size) => size, 11, 2),
    [1, 1],
  )
  assert.deepEqual(
    batch([], (size: number) => size, 11, 2),
    [],
  )
})

test('the strip says in words what is not sent yet', () => {
  assert.equal(words({}, 0), 'All sent')
  assert.equal(words({ online: false, holdUp: 'no-signal', nextTryAt: 9_000 }, 1), '1 waiting, no signal')
  assert.equal(words({ holdUp: 'busy', nextTryAt: 41_000 }, 3), '3 waiting, next try in 40 s')
  assert.equal(words({ holdUp: 'busy', nextTryAt: 181_000 }, 3), '3 waiting, next try in 3 min')
  assert.equal(words({ sending: ['a'], done: 1, total: 5 }, 4), 'Sending 2 of 5')
  assert.equal(words({}, 0, 1), '1 needs you')
  assert.equal(words({}, 3, 2), '2 need you, 3 waiting')
  assert.equal(words({ holdUp: 'sign-in' }, 1), 'Sign in to send')
  assert.equal(words({ holdUp: 'stopped' }, 1), 'Stopped by the office')
  assert.equal(words({ holdUp: 'no-signal' }, 0), 'All sent')
})

test('Send now answers with what the server said, and when it tries again by itself', () => {
  const answer = (pulse: Partial<Pulse>, waiting = 2) => statusOf({ ...IDLE, ...pulse }, waiting, 0, 1_000).answer
  const why = 'This device has sent very many photos today. The others stay on it and are sent tomorrow.'
  assert.equal(answer({ holdUp: 'busy', why, nextTryAt: 41_000 }), `${why} 2 waiting, next try in 40 s.`)
  assert.equal(answer({ holdUp: 'busy', nextTryAt: 41_000 }), '2 waiting, next try in 40 s.')
  assert.match(answer({ holdUp: 'full', why: 'Not this.', nextTryAt: 41_000 }), /^The server is full\. .* kept on this phone/)
  assert.equal(words({ holdUp: 'full', nextTryAt: 41_000 }, 2), '2 waiting, the server is full')
  assert.equal(answer({ holdUp: 'no-signal' }), 'No signal. It will go by itself.')
})

test('a next try that is due is not announced any more', () => {
  assert.equal(holdUpWords({ ...IDLE, holdUp: 'busy', nextTryAt: 500 }, 1_000), null)
  assert.equal(words({ holdUp: 'busy', nextTryAt: 500 }, 2), '2 waiting')
})

test('the tone follows what a person should do', () => {
  const tone = (pulse: Partial<Pulse>, waiting: number, attention: number) =>
    statusOf({ ...IDLE, ...pulse }, waiting, attention, 0).tone
  assert.deepEqual(
    [tone({}, 0, 0), tone({}, 1, 0), tone({ sending: ['a'] }, 1, 0), tone({}, 1, 1)],
    ['quiet', 'waiting', 'busy', 'attention'],
  )
})

test('a receipt reads as four letters nobody mishears', () => {
  assert.match(receiptCode('d0e6519b6bf89731'), /^[0-9A-HJKMNP-TV-Z]{4}$/)
  assert.equal(receiptCode('00000'), '0000')
  assert.equal(receiptCode('fffff'), 'ZZZZ')
})

test('26: a photo that the office calls damaged goes again, unless it was damaged on this phone', async () => {
  await freshPhone()
  const { sha256 } = await import('../../../pwa/src/store/ids.ts')
  const sound = await sha256(new TextEncoder().encode('sound').buffer as ArrayBuffer)
  const id = await finished('two photos', ['damaged', 'sound'])
  await database.write(['records', 'photos'], async (tx) => {
    const row = (await tx.objectStore('records').get(id))!
    const attachments = row.attachments.map((one) => (one.sha256 === digestOf('sound') ? { ...one, sha256: sound } : one))
    await tx.objectStore('records').put({ ...row, attachments })
    for (const photo of await tx.objectStore('photos').index('instanceId').getAll(id))
      if (photo.sha256 === digestOf('sound')) await tx.objectStore('photos').put({ ...photo, sha256: sound })
  })
  await serverStores(id, { missing: [digestOf('damaged'), sound] })
  const before = globalThis.fetch
  const problem = { type: '/problems/digest-mismatch', detail: 'The photo was damaged on the way. It will be sent again.', client: 'retry' }
  const standing = { serverId: 'srv', epoch: 'e1', safeSeq: 0, serverTime: '2026-11-22T10:00:00Z' }
  globalThis.fetch = (async (path: string, init: RequestInit) => {
    const parts = path === '/api/sync' ? [...(init.body as FormData).values()] : []
    const results = parts.map((part) => ({ sha256: (part as File).name, status: 'refused', problem }))
    return new Response(JSON.stringify({ ...standing, submissions: [], attachments: [], results }), { headers: { 'Beatbook-Server': 'srv' } })
  }) as typeof fetch
  try {
    const phone = { deviceId: 'd1', name: 'Phone 7', role: 'officer', serverId: 'srv' }
    const watcher = { news: false, contact: () => undefined, sending: async () => undefined }
    await assert.rejects(round(phone as Device, new Pace(), watcher), TryAgain)
  } finally {
    globalThis.fetch = before
  }
  const row = await rowOf(id)
  assert.deepEqual(row.setAside, [digestOf('damaged')])
  assert.match(row.refusal!.detail, /damaged on this phone/)
  assert.deepEqual((await outbox.unsent('srv')).map((one) => one.instanceId), [id]) // the sound one goes again
})

test('what was refused for lack of a key is asked after, and its receipt taken once the office has opened it', async () => {
  await freshPhone()
  const id = await finished('sealed', ['one'])
  const problem = { type: '/problems/parcel-unopened', detail: 'The office has no key for this yet.', client: 'attention' }
  const standing = { serverId: 'srv', epoch: 'e1', safeSeq: 0, serverTime: '2026-11-22T10:00:00Z' }
  const refused = (part: File) => ({
    ...(part.name === 'submission.json' ? { instanceId: id } : { sha256: part.name }),
    status: 'refused',
    problem,
  })
  const office = { has: { status: 'missing' } as object, receipts: [] as object[], delivered: 0 }
  const before = globalThis.fetch
  globalThis.fetch = (async (path: string, init: RequestInit) => {
    const parts = path === '/api/sync' ? ([...(init.body as FormData).values()] as File[]) : []
    const asked = path === '/api/sync/check' ? JSON.parse(init.body as string).submissions : []
    office.delivered += parts.length
    const submissions = asked.map(() => ({ instanceId: id, ...office.has }))
    const answer = { ...standing, submissions, receipts: office.receipts, attachments: [], results: parts.map(refused) }
    return new Response(JSON.stringify(answer), { headers: { 'Beatbook-Server': 'srv' } })
  }) as typeof fetch
  const phone = { deviceId: 'd1', name: 'Phone 7', role: 'officer', serverId: 'srv' } as Device
  const contact = () => round(phone, new Pace(), { news: false, contact: () => undefined, sending: async () => undefined })
  try {
    await contact()
    await contact() // the office still has no key
    office.has = { status: 'same', missing: [digestOf('one')] }
    office.receipts = [await receiptFor(id, { digest: digestOf('other') })]
    await contact()
    let row = await rowOf(id)
    assert.deepEqual([row.receipt, row.refusal?.type, office.delivered], [null, problem.type, 1])
    assert.ok(row.bytes)
    office.receipts = [await receiptFor(id)]
    await contact() // sends the photo, which the office cannot open either
    row = await rowOf(id)
    assert.deepEqual([row.receipt, row.refusal?.type, row.setAside], [office.receipts[0], problem.type, [digestOf('one')]])
    await contact()
    assert.deepEqual([(await rowOf(id)).setAside, office.delivered], [[digestOf('one')], 2])
    office.has = { status: 'same', missing: [] }
    await contact()
    row = await rowOf(id)
    assert.deepEqual([row.refusal, row.setAside, row.missing, office.delivered], [null, [], [], 2])
    assert.deepEqual([(await store.record(id))!.state, (await outbox.counts()).attention], ['sent', 0])
  } finally {
    globalThis.fetch = before
  }
})
