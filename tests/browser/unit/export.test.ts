/** Exporting: a file that any program can open, with the very bytes, and nothing changed by making it. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, test } from 'node:test'
import { database, digestOf, finished, freshPhone, outbox, rowOf, serverStores, store } from './phone.ts'
import { crc32, zip } from '../../../pwa/src/store/zip.ts'
import { account, takeNumbers } from '../../../pwa/src/store/numbers.ts'

beforeEach(freshPhone)

const PYTHON = process.env['BEATBOOK_TEST_PYTHON'] ?? 'python3'

/** The entries as Python's zipfile reads them, checksums checked. */
async function opened(blob: Blob): Promise<Record<string, Buffer>> {
  const path = join(mkdtempSync(join(tmpdir(), 'beatbook-')), 'file.zip')
  writeFileSync(path, Buffer.from(await blob.arrayBuffer()))
  const script =
    'import base64, json, sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None;' +
    'print(json.dumps({n: base64.b64encode(z.read(n)).decode() for n in z.namelist()}))'
  const entries = JSON.parse(execFileSync(PYTHON, ['-c', script, path], { encoding: 'utf8' })) as Record<string, string>
  return Object.fromEntries(Object.entries(entries).map(([name, text]) => [name, Buffer.from(text, 'base64')]))
}

async function everything() {
  return database.read(['records', 'photos', 'photoBytes', 'drafts', 'meta', 'receipts'], async (tx) =>
    Promise.all([...tx.objectStoreNames].map((name) => tx.objectStore(name).getAll())),
  )
}

test('a file is a ZIP that others can read', async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(50_000)).buffer
  const blob = await zip(
    [
      { name: 'a.txt', bytes: async () => new TextEncoder().encode('hello').buffer as ArrayBuffer },
      { name: 'photos/b.jpg', bytes: async () => bytes },
      { name: 'empty', bytes: async () => new ArrayBuffer(0) },
    ],
    new Date(2026, 10, 23, 9, 41, 12),
  )
  const entries = await opened(blob)
  assert.deepEqual(Object.keys(entries), ['a.txt', 'photos/b.jpg', 'empty'])
  assert.equal(entries['a.txt']!.toString(), 'hello')
  assert.deepEqual(entries['photos/b.jpg'], Buffer.from(bytes))
  assert.equal(crc32(new TextEncoder().encode('123456789')), 0xcbf43926) // the check value of this CRC
})

test('one piece is in memory at a time', async () => {
  let open = 0
  let most = 0
  const entry = (name: string) => ({
    name,
    bytes: async () => {
      most = Math.max(most, ++open)
      await Promise.resolve()
      open--
      return new ArrayBuffer(1000)
    },
  })
  await zip([entry('a'), entry('b'), entry('c')], new Date())
  assert.equal(most, 1)
})

test('what is not sent is exported byte for byte, and the phone is as before', async () => {
  const first = await finished('tag', ['wall', 'door'])
  const second = await finished('name', ['wall'])
  const before = await everything()
  const [file, ...more] = await store.exportUnsent(undefined, new Date(2026, 10, 23))
  assert.deepEqual(more, [])
  assert.equal(file!.name, 'beatbook-phone-7-2026-11-23.zip')
  assert.equal(file!.records, 2)
  const entries = await opened(file!.blob)
  for (const id of [first, second])
    assert.deepEqual(entries[`records/${id}.json`], Buffer.from((await rowOf(id)).bytes!))
  assert.equal(entries[`photos/${digestOf('wall')}.jpg`]!.toString(), 'wall')
  assert.equal(Object.keys(entries).length, 1 + 2 + 2, 'the photo that both list is there once')
  const manifest = JSON.parse(entries['manifest.json']!.toString())
  assert.deepEqual(
    [manifest.format, manifest.deviceId, manifest.deviceName, manifest.serverId],
    [1, 'd1', 'Phone 7', 'srv'],
  )
  const row = await rowOf(first)
  assert.deepEqual(
    { ...manifest.records[0], photos: manifest.records[0].photos.sort() },
    {
      instanceId: first,
      digest: row.digest,
      counter: 1,
      formId: 'graffiti',
      title: 'Graffiti, tag',
      capturedAt: row.capturedAt,
      photos: [digestOf('wall'), digestOf('door')].sort(),
    },
  )
  assert.deepEqual(await everything(), before)
})

test('what is safely at the office is not exported, what lacks a photo there is', async () => {
  const sent = await finished('sent')
  const partly = await finished('partly', ['wall'])
  const refused = await finished('refused')
  await serverStores(sent)
  await serverStores(partly, { missing: [digestOf('wall')] })
  await outbox.setAside(refused, { type: '/problems/not-json', detail: 'The record could not be read.' })
  assert.equal(await store.exportable(), 2)
  const manifest = JSON.parse((await opened((await store.exportUnsent())[0]!.blob))['manifest.json']!.toString())
  assert.deepEqual(
    manifest.records.map((record: { instanceId: string }) => record.instanceId),
    [partly, refused],
  )
})

test('one record can be exported by itself', async () => {
  await finished('other')
  const id = await finished('stuck')
  const entries = await opened((await store.exportUnsent(id))[0]!.blob)
  assert.deepEqual(Object.keys(entries), ['manifest.json', `records/${id}.json`])
})

test('a record whose photo is gone is exported without it', async () => {
  const id = await finished('tag', ['wall'])
  await database.write(['photoBytes'], (tx) => tx.objectStore('photoBytes').clear())
  assert.deepEqual(Object.keys(await opened((await store.exportUnsent())[0]!.blob)), ['manifest.json', `records/${id}.json`])
})

test('what was made for another Beatbook goes into a file of its own', async () => {
  await finished('ours')
  const id = await finished('theirs')
  await database.write(['records'], async (tx) => {
    const row = await tx.objectStore('records').get(id)
    await tx.objectStore('records').put({ ...row!, serverId: 'another' })
  })
  const files = await store.exportUnsent(undefined, new Date(2026, 10, 23))
  assert.deepEqual(
    files.map((file) => file.name),
    ['beatbook-phone-7-2026-11-23-part-1.zip', 'beatbook-phone-7-2026-11-23-part-2.zip'],
  )
})

test('the phone accounts for every number that has no receipt', async () => {
  const sent = await finished('sent')
  const thrownAway = await finished('thrown away')
  await finished('waiting')
  const begunAgain = await finished('begun again')
  const stuck = await finished('stuck')
  await serverStores(sent)
  await outbox.setAside(stuck, { type: '/problems/not-json', detail: 'The record could not be read.' })
  await store.pullBack(begunAgain)
  await store.pullBack(thrownAway)
  await store.discardDraft(thrownAway)
  const expected = {
    highest: 5,
    before: 0,
    without: [
      { counter: 5, is: 'stuck' },
      { counter: 4, is: 'unfinished' },
      { counter: 3, is: 'waiting' },
      { counter: 2, is: 'discarded' },
    ],
  }
  assert.deepEqual(await account(), expected)
  await database.closeDatabase()
  await store.openStore() // the draft is really gone now, its number is remembered
  assert.equal((await store.drafts()).length, 1)
  assert.deepEqual(await account(), expected)
})

test('a receipt whose number never came, says the server, is shown to it once more', async () => {
  const first = await finished('one')
  const second = await finished('two')
  await serverStores(first)
  await serverStores(second, { receipt: { seq: 2 } })
  assert.deepEqual(await outbox.unconfirmed('e1', 500), [])
  await takeNumbers({ highest: 2, missing: [[1, 1]] })
  const again = await outbox.unconfirmed('e1', 500)
  assert.deepEqual(
    again.map((row) => row.instanceId),
    [first],
  )
  const [offer] = await outbox.offers(again)
  assert.deepEqual([offer!.receipt!.seq, offer!.counter, offer!.formId, offer!.kept], [1, 1, 'graffiti', true])
  await outbox.takeCheck({
    epoch: 'e1',
    safeSeq: 0,
    submissions: [{ instanceId: first, status: 'same' }],
    attachments: [],
  })
  await takeNumbers({ highest: 2, missing: [[1, 1]] })
  assert.deepEqual(await outbox.unconfirmed('e1', 500), [], 'but not for ever')
})
