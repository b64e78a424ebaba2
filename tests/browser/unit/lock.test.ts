/** The lock: what lies on the disk once it is closed, who can read it then, and that it holds up no delivery. */
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { DownAnswer } from '../../../pwa/src/store/outbox.ts'
import type { Seal } from '../../../pwa/src/store/sealed.ts'
import { database, digestOf, finished, freshPhone, GRAFFITI, outbox, receiptFor, restart, store, takePhoto } from './phone.ts'

const keyring = await import('../../../pwa/src/store/keyring.ts')
const lock = await import('../../../pwa/src/store/lock.ts')
const { account } = await import('../../../pwa/src/store/numbers.ts')
const { sha256 } = await import('../../../pwa/src/store/ids.ts')

const PIN = '482913'
const OTHERS = '730518'
const SECRETS = ['Rude words about Ann', 'half a sentence', 'behind number twelve', 'a face', 'a gate', 'Colleague of Ann', 'too dark, ask Ann']
const clock = performance.now.bind(performance)
performance.now = () => 1000 * clock() // a phone so slow that a PIN is stretched as little as ever, or these tests would take a minute

let office: CryptoKeyPair
let seal: Seal

beforeEach(async () => {
  await freshPhone()
  const curve = { name: 'ECDH', namedCurve: 'P-256' }
  office = (await crypto.subtle.generateKey(curve, true, ['deriveBits'])) as CryptoKeyPair
  const publicKey = Buffer.from(await crypto.subtle.exportKey('raw', office.publicKey)).toString('base64')
  seal = { keyId: 'k1', publicKey, appLock: true }
  await withLock()
})

test('without a lock everything can be read from the disk, and with one nothing of it', async () => {
  await withoutLock()
  await aDay()
  assert.deepEqual(await readable(), SECRETS) // or this test would prove nothing
  await withLock()
  await keyring.setUp('Phone 7', PIN)
  assert.deepEqual(await readable(), [])
})

test('what is written behind the lock was never on the disk in plain words', async () => {
  await keyring.setUp('Phone 7', PIN)
  const written: unknown[] = []
  const spied = IDBObjectStore.prototype.put
  IDBObjectStore.prototype.put = function put(...given: [unknown]) {
    written.push(given[0])
    return spied.apply(this, given)
  }
  try {
    await aDay()
  } finally {
    IDBObjectStore.prototype.put = spied
  }
  assert.ok(written.length > 5)
  assert.deepEqual(secretsIn(written), [])
})

test('until it is locked its officer reads a finished record and pulls it back, photo and all', async () => {
  await keyring.setUp('Phone 7', PIN)
  const id = await finished('Rude words about Ann', ['a face'])
  assert.equal((await store.record(id))?.answers['what'], 'Rude words about Ann')
  const [photo] = await store.photosOf(id)
  assert.equal(new TextDecoder().decode(photo!.thumbnail), 'a face')
  assert.equal(new TextDecoder().decode((await store.photoBytes(photo!.id))!), 'a face')
  const draft = await store.pullBack(id)
  assert.equal(draft?.answers['what'], 'Rude words about Ann')
  await store.finish(draft!, GRAFFITI, 'Graffiti again')
  assert.equal((await store.record(id))?.answers['what'], 'Rude words about Ann')
})

test('DP7: once it is locked nobody reads it, with the PIN or without, and it still goes', async () => {
  await keyring.setUp('Phone 7', PIN)
  const id = await finished('Rude words about Ann', ['a face'])
  await lock.lockNow()
  assert.equal((await store.records())[0]!.title, 'Graffiti')
  assert.equal(await store.pullBack(id), null)
  await keyring.unlock((await keyring.people())[0]!.id, PIN)
  const kept = await store.record(id)
  assert.deepEqual([kept?.isSealed, kept?.answers, kept?.title], [true, {}, 'Graffiti, Rude words about Ann'])
  assert.equal(await store.photoBytes((await store.photosOf(id))[0]!.id), null)
  await lock.lockNow()
  const [row] = await outbox.unsent('srv')
  assert.equal(JSON.parse(await opened(row!.bytes!, 'submission')).answers.what, 'Rude words about Ann')
  const sent = await outbox.attachmentBytes(id, digestOf('a face'))
  assert.equal(await opened(sent!.attachment, 'attachment'), 'a face')
  const [offered] = await outbox.offer([id])
  const receipt = await receiptFor(offered!.instanceId)
  await outbox.takeResults({ epoch: 'e1', safeSeq: 0, serverTime: null, results: [{ instanceId: id, status: 'stored', receipt, missing: [] }] })
  assert.equal((await store.records())[0]!.state, 'sent')
  assert.deepEqual(await readable(), [])
})

test('a phone that was killed is locked, and what was begun comes back with the PIN alone', async () => {
  await keyring.setUp('Phone 7', PIN)
  const draft = await store.startDraft(GRAFFITI)
  await store.saveDraft({ ...draft, answers: { what: 'half a sentence' } })
  await restart()
  assert.equal(lock.lockState(), 'locked')
  assert.deepEqual(await store.drafts(), [])
  await assert.rejects(store.saveDraft(draft), { name: 'Locked' })
  const [person] = await keyring.people()
  assert.notEqual(await keyring.unlock(person!.id, OTHERS), 'open')
  assert.equal(await keyring.unlock(person!.id, PIN), 'open')
  assert.equal((await store.drafts())[0]?.answers['what'], 'half a sentence')
})

test('wrong PINs make everybody wait, longer each time, also after a restart, and take nothing away', async () => {
  await keyring.setUp('Phone 7', PIN)
  await restart()
  const { id } = (await keyring.people())[0]!
  let now = 1_000_000
  for (let wrong = 1; wrong < 5; wrong++) assert.deepEqual(await keyring.unlock(id, OTHERS, now), { wrong, until: 0 })
  assert.deepEqual(await keyring.unlock(id, OTHERS, now), { wrong: 5, until: now + 30_000 })
  await restart()
  assert.deepEqual(await keyring.unlock(id, PIN, now + 29_000), { wrong: 5, until: now + 30_000 })
  now += 30_001
  assert.deepEqual(await keyring.unlock(id, OTHERS, now), { wrong: 6, until: now + 60_000 })
  assert.equal(await keyring.unlock(id, PIN, now + 60_001), 'open')
  assert.equal((await keyring.people())[0]!.wrong, 0)
})

test('a phone that is passed on shows each person what they began themselves', async () => {
  await keyring.setUp('Ann', PIN)
  const anns = await store.startDraft(GRAFFITI, { answers: { what: 'half a sentence' } })
  await finished('Rude words about Ann')
  await keyring.add('Bob', OTHERS)
  assert.deepEqual(await store.drafts(), [])
  assert.equal(await store.draft(anns.instanceId), null)
  assert.equal((await store.records())[0]!.title, 'Graffiti')
  await store.startDraft(GRAFFITI, { answers: { what: 'a gate' } })
  await lock.lockNow()
  const [ann] = await keyring.people()
  await keyring.unlock(ann!.id, PIN)
  assert.deepEqual((await store.drafts()).map(({ answers }) => answers['what']), ['half a sentence'])
})

test('what the office sends is shared by the people of a phone, and a review reaches both', async () => {
  await keyring.setUp('Ann', PIN)
  const id = await finished('Rude words about Ann')
  await outbox.takeDown(news())
  await keyring.add('Bob', OTHERS)
  assert.deepEqual(await store.list('volunteers'), [{ name: 'Colleague of Ann' }])
  await outbox.takeDown({ ...news(), reviews: [review(id)] })
  await lock.lockNow()
  await keyring.unlock((await keyring.people())[0]!.id, PIN)
  assert.equal((await store.records())[0]!.detail, 'too dark, ask Ann')
  assert.deepEqual(await readable(), [])
})

test('a record that was sent back is mended from what the office has of it', async () => {
  await keyring.setUp('Ann', PIN)
  const id = await finished('Rude words about Ann', ['a face'])
  await lock.lockNow()
  await keyring.unlock((await keyring.people())[0]!.id, PIN)
  await outbox.takeDown({ ...news(), reviews: [{ ...review(id), answers: { what: 'Rude words about Ann' } }] })
  const { answers } = (await store.record(id))!
  assert.equal(answers['what'], 'Rude words about Ann')
  const mended = await store.startDraft(GRAFFITI, { answers, replaces: id })
  assert.deepEqual(await store.photosOf(mended.instanceId), [])
  await store.finish(mended, GRAFFITI, 'Graffiti again')
  assert.deepEqual(await readable(), [])
})

test('before there is a PIN nothing personal is taken from the office', async () => {
  await outbox.takeDown(news())
  assert.equal(lock.lockState(), 'to-set')
  assert.deepEqual([await store.list('volunteers'), await outbox.cursor()], [[], null])
})

test('a forgotten PIN costs what was begun, and nothing that was finished', async () => {
  await keyring.setUp('Ann', PIN)
  const pulled = await store.pullBack(await finished('a gate'))
  assert.ok(pulled)
  const id = await finished('Rude words about Ann', ['a face'])
  await outbox.takeDown(news())
  await restart()
  await keyring.startAnew((await keyring.people())[0]!.id, OTHERS)
  assert.deepEqual([await store.drafts(), await store.list('volunteers'), await outbox.cursor()], [[], [], null])
  const [row] = await outbox.unsent('srv')
  assert.equal(row!.instanceId, id)
  assert.equal(JSON.parse(await opened(row!.bytes!, 'submission')).answers.what, 'Rude words about Ann')
  assert.deepEqual((await account()).without.map(({ is }) => is), ['waiting', 'discarded'])
  await restart()
  assert.equal(await keyring.unlock((await keyring.people())[0]!.id, OTHERS), 'open')
})

test('a council that switches the lock off gets its phones back as they were, but for what was sealed', async () => {
  await keyring.setUp('Phone 7', PIN)
  await aDay()
  await withoutLock()
  await restart()
  assert.equal(await keyring.unlock((await keyring.people())[0]!.id, PIN), 'open')
  assert.equal(lock.lockState(), 'off')
  assert.ok((await readable()).includes('half a sentence'))
  await restart()
  assert.equal(lock.lockState(), 'off')
  assert.equal((await store.drafts()).length, 1)
  assert.equal((await outbox.unsent('srv')).length, 1)
})

test('an end in the middle of setting up leaves nothing that cannot be read', async () => {
  await withoutLock()
  await aDay()
  await withLock()
  await keyring.setUp('Phone 7', PIN)
  await database.setMeta('veiled', null) // as if it had ended before the last step
  await restart()
  await keyring.unlock((await keyring.people())[0]!.id, PIN)
  assert.equal((await store.drafts())[0]?.answers['what'], 'half a sentence')
  assert.deepEqual(await readable(), [])
})

test('PINs that are tried first are not taken', () => {
  for (const pin of ['000000', '123456', '654321', '121212', '123123']) assert.ok(keyring.tooEasy(pin), pin)
  for (const pin of ['482913', '112358', '200519']) assert.equal(keyring.tooEasy(pin), null, pin)
})

async function withLock(appLock = true): Promise<void> {
  seal = { ...seal, appLock }
  await database.setMeta('seal', seal)
  await lock.lookAtLock()
}

function withoutLock(): Promise<void> {
  return withLock(false)
}

/** One draft, one finished record with a photo, and what the office sent. */
async function aDay(): Promise<void> {
  const draft = await store.startDraft(GRAFFITI)
  await takePhoto(draft, 'a gate')
  await store.saveDraft({ ...draft, answers: { what: 'half a sentence', where: 'behind number twelve' } })
  const id = await finished('Rude words about Ann', ['a face'])
  await outbox.takeDown({ ...news(), reviews: [review(id)] })
}

function news(): DownAnswer {
  const lists = [{ name: 'volunteers', rows: [{ name: 'Colleague of Ann' }] }]
  return { cursor: 'c1', serverTime: '2026-11-22T10:00:00Z', lists, seal }
}

function review(instanceId: string) {
  const outcome = { reviewState: 'hasIssues', reason: 'too_dark', note: 'too dark, ask Ann', reviewer: 'Kerry B' }
  return { instanceId, ...outcome, reviewedAt: '2026-11-22T10:00:00Z' }
}

/** The secrets that whoever copies the disk can read. */
async function readable(): Promise<string[]> {
  const names = ['drafts', 'records', 'photos', 'photoBytes', 'lists', 'meta'] as const
  const open = await new Promise<IDBDatabase>((resolve, reject) => {
    const asked = indexedDB.open('beatbook')
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(asked.error)
  })
  const rows = await Promise.all(
    names.map(
      (name) =>
        new Promise((resolve) => {
          const asked = open.transaction(name).objectStore(name).getAll()
          asked.onsuccess = () => resolve(asked.result)
        }),
    ),
  )
  open.close()
  return secretsIn(rows)
}

function secretsIn(rows: unknown): string[] {
  const text = JSON.stringify(rows, (_, value: unknown) =>
    value instanceof ArrayBuffer || value instanceof Uint8Array ? Buffer.from(value as Uint8Array).toString('latin1') : value,
  )
  return SECRETS.filter((secret) => text.includes(secret))
}

/** As the server opens a parcel. */
async function opened(parcel: ArrayBuffer, name: string): Promise<string> {
  const bytes = Buffer.from(parcel)
  assert.equal(bytes.subarray(0, 4).toString(), 'BBP1')
  const start = 6 + bytes.readUInt16BE(4)
  const head = JSON.parse(bytes.subarray(6, start).toString())
  const sealed = new Uint8Array(parcel.slice(start))
  assert.equal(head.sealed, await sha256(sealed.buffer))
  const point = Buffer.from(head.point, 'base64')
  const theirs = await crypto.subtle.importKey('raw', point, { name: 'ECDH', namedCurve: 'P-256' }, false, [])
  const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, office.privateKey, 256)
  const from = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveBits'])
  const salt = Buffer.concat([point, Buffer.from(seal.publicKey, 'base64')])
  const how = { name: 'HKDF', hash: 'SHA-256', salt, info: Buffer.from('beatbook parcel 1') }
  const made = await crypto.subtle.deriveBits(how, from, 352)
  const key = await crypto.subtle.importKey('raw', made.slice(0, 32), 'AES-GCM', false, ['decrypt'])
  const bound = Buffer.from(`${name} ${head.digest}`)
  const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: made.slice(32), additionalData: bound }, key, sealed)
  if (name === 'submission') assert.equal(head.digest, await sha256(plain)) // photos here have digests that can be read
  return new TextDecoder().decode(plain)
}
