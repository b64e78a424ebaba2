/** A phone that clears itself, with an office behind a network that fails at every step there is, before and after. */
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { beforeEach, test } from 'node:test'
import { database, digestOf, finished, freshPhone, GRAFFITI, store, takePhoto } from './phone.ts'

const { orderKeyOf, takeOrder } = await import('../../../pwa/src/store/orders.ts')
const { setAside } = await import('../../../pwa/src/store/outbox.ts')
const { round } = await import('../../../pwa/src/sync/run.ts')
const { Pace } = await import('../../../pwa/src/sync/pace.ts')

const PHONE = { deviceId: 'd1', name: 'Phone 7', role: 'officer', serverId: 'srv' }
const TOKEN = 'the token in the cookie'
const WATCHER = { news: false, contact: () => undefined, sending: async () => undefined }

type Why = 'lost' | 'stolen'

/** Answers as our server does, and remembers what it holds. */
class Office {
  records = new Map<string, string>()
  aside = new Set<string>()
  photos = new Set<string>()
  granted = false
  done = false
  found = false
  requests = 0
  refusesPhotos = false
  readonly why: Why
  /** The request that fails, and whether it has been done by then. */
  readonly failing: number
  readonly afterwards: boolean

  constructor(why: Why, failing = 0, afterwards = false) {
    this.why = why
    this.failing = failing
    this.afterwards = afterwards
  }

  readonly fetch = async (path: string, init: RequestInit): Promise<Response> => {
    this.requests += 1
    const fails = this.requests === this.failing
    if (fails && !this.afterwards) throw new TypeError('no network')
    const answer = await this.answer(path, init)
    if (fails) throw new TypeError('the answer got lost')
    return answer
  }

  private async answer(path: string, init: RequestInit): Promise<Response> {
    const order = this.found ? {} : { order: { id: 7, do: 'clear', why: this.why, proof: proof('order', 'srv', 'd1', 7, this.why) } }
    const standing = { serverId: 'srv', epoch: 'e1', safeSeq: 0, serverTime: '2026-11-22T10:00:00Z' }
    const stolen = this.why === 'stolen' && !this.found
    if (path === '/api/sync/check')
      return stolen ? said({ client: 'stop', ...order }, 403) : said({ ...standing, submissions: [], attachments: [], ...order })
    if (path === '/api/sync' || path === '/api/sync/hand-over')
      return said({ ...standing, results: await this.results(init.body as FormData, path !== '/api/sync'), ...order })
    if (path === '/api/clearing') {
      if (this.found) return said({ client: 'attention' }, 409)
      this.granted = true
      return said({ clear: true, proof: proof('clear', 'srv', 'd1', JSON.parse(init.body as string).nonce) })
    }
    if (path === '/api/clearing/done') {
      this.done = true
      return said({ cleared: true })
    }
    throw new Error(`nobody answers ${path}`)
  }

  private async results(body: FormData, isHandedOver: boolean): Promise<object[]> {
    const results: object[] = []
    for (const [name, part] of body as unknown as Iterable<[string, File]>) {
      const bytes = Buffer.from(await part.arrayBuffer())
      const digest = createHash('sha256').update(bytes).digest('hex')
      if (name === 'attachment' && this.refusesPhotos) {
        results.push({ sha256: part.name, status: 'refused', problem: { client: 'attention', kept: 'nothing', detail: 'No' } })
      } else if (name === 'attachment') {
        this.photos.add(part.name)
        results.push({ sha256: part.name, status: 'stored' })
      } else if (isHandedOver) {
        this.aside.add(bytes.toString())
        results.push({ digest, status: 'refused', problem: { client: 'attention', kept: 'quarantine' } })
      } else {
        const { instanceId, attachments } = JSON.parse(bytes.toString())
        this.records.set(instanceId, digest)
        const missing = attachments.map((one: { sha256: string }) => one.sha256).filter((one: string) => !this.photos.has(one))
        const receipt = { instanceId, digest, epoch: 'e1', seq: 1, chain: 'f00d5', receivedAt: '2026-11-22T10:00:00Z' }
        results.push({ instanceId, status: 'stored', receipt, missing, warnings: [] })
      }
    }
    return results
  }
}

function said(body: object, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'Beatbook-Server': 'srv' } })
}

function proof(...parts: (string | number)[]): string {
  const key = createHash('sha256').update(TOKEN).digest()
  return createHmac('sha256', key).update(['beatbook', ...parts].join('\n')).digest('hex')
}

/** Two finished records, one of them with a photo, one that was refused before, and one that is begun. */
async function aPhoneAtWork(): Promise<{ good: string[]; refused: string }> {
  const good = [await finished('plain'), await finished('with a photo', ['one'])]
  const refused = await finished('refused')
  await setAside(refused, { type: 'about:blank', detail: 'No' })
  const draft = await store.startDraft(GRAFFITI, { answers: { what: 'begun' } })
  await takePhoto(draft, 'two')
  return { good, refused }
}

/** The database is gone, and nothing makes it anew. */
async function isEmpty(): Promise<boolean> {
  return (await indexedDB.databases()).length === 0
}

beforeEach(async () => {
  database.beginAnew()
  await freshPhone()
  await database.setMeta('orderKey', await orderKeyOf(TOKEN))
})

async function contact(office: Office): Promise<void> {
  globalThis.fetch = office.fetch as typeof fetch
  await round(PHONE, new Pace(), WATCHER)
}

for (const why of ['lost', 'stolen'] as const)
  for (const afterwards of [false, true])
    test(`${why}, and the network fails at each request in turn, ${afterwards ? 'after' : 'before'} it was done`, async () => {
      for (let failing = 1; ; failing++) {
        database.beginAnew()
        await freshPhone()
        await database.setMeta('orderKey', await orderKeyOf(TOKEN))
        const { good, refused } = await aPhoneAtWork()
        const office = new Office(why, failing, afterwards)
        await contact(office).catch(() => undefined)
        if (!(await isEmpty())) {
          const here = await database.read(['records', 'drafts'], async (tx) => ({
            records: (await tx.objectStore('records').getAll()).filter((row) => row.bytes).length,
            drafts: (await tx.objectStore('drafts').getAll()).length,
          }))
          assert.deepEqual(here, { records: 3, drafts: 1 }, `request ${failing}: nothing goes before everything may go`)
          await contact(office)
        }
        assert.ok(await isEmpty(), `request ${failing}`)
        assert.ok(office.granted && office.done, `request ${failing}`)
        const held = [...office.aside].map((text) => JSON.parse(text).instanceId ?? JSON.parse(text).draft.answers.what)
        const records = why === 'lost' ? [...office.records.keys(), ...held] : held
        assert.deepEqual(records.sort(), [...good, refused, 'begun'].sort(), `request ${failing}`)
        assert.deepEqual([...office.photos].sort(), [digestOf('one'), digestOf('two')].sort(), `request ${failing}`)
        if (office.requests < failing) break
      }
    })

test('a lost phone keeps everything while something of it is refused; a stolen one clears itself all the same', async () => {
  await aPhoneAtWork()
  const office = new Office('lost')
  office.refusesPhotos = true
  await contact(office)
  assert.equal(await isEmpty(), false)
  assert.equal(office.granted, false)
  assert.equal(await database.meta('orderLeft'), 2)
  const harder = new Office('stolen')
  harder.refusesPhotos = true
  await contact(harder)
  assert.ok(await isEmpty())
})

test('a phone that was found again while it handed over keeps everything', async () => {
  const { good } = await aPhoneAtWork()
  const office = new Office('lost')
  const usual = office.fetch
  globalThis.fetch = (async (path: string, init: RequestInit) => {
    if (path === '/api/clearing') office.found = true
    return usual(path, init)
  }) as typeof fetch
  await assert.rejects(round(PHONE, new Pace(), WATCHER))
  assert.equal(await isEmpty(), false)
  await contact(office)
  assert.equal(await database.meta('order'), null)
  assert.equal((await store.records()).filter((row) => good.includes(row.instanceId)).length, 2)
})

test('somebody who answers in our name with an order makes a phone send nothing', async () => {
  await aPhoneAtWork()
  const office = new Office('lost')
  await database.setMeta('orderKey', await orderKeyOf('another token'))
  await assert.rejects(contact(office), { name: 'NotOurs' })
  assert.equal(office.requests, 1)
  assert.equal(await takeOrder(PHONE, undefined), 'ours')
  assert.equal(await isEmpty(), false)
})
