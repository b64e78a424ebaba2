/**
 * Phones for the state machine: the real client code, each start of the app a fresh copy of all its modules over an
 * IndexedDB that outlives it. One JSON line asks for something; every request a phone makes goes out as a line and waits
 * for the line that answers it, so the machine alone decides what the network does.
 *
 * `node phones.ts '[{"file":"store/ids.ts","from":"…","to":"…"}]'` plants faults into the client before bundling it.
 */
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type * as Client from './client.ts'
import type { Draft, Form } from '../../../pwa/src/types.ts'

interface Edit {
  file: string
  from: string
  to: string
}

interface Answer {
  /** What the phone gets: an answer, one that breaks off, no answer at all, or nothing for now. */
  how: 'answer' | 'cut' | 'fail' | 'hold'
  status: number
  headers: Record<string, string>
  body: string
}

interface Life {
  client: typeof Client
  timers: Set<NodeJS.Immediate>
  working: number
  dead: boolean
  death: Promise<null>
  die(): void
  /** Transactions that write until the tab dies; infinite while it lives on. */
  writesLeft: number
}

interface Phone {
  disk: IDBFactory
  life: Life | null
  /** How wrong its clock is, in milliseconds. */
  off: number
  cookie: string
  held: ((answer: Answer) => void) | null
}

interface Wish {
  do: string
  phone: number
  now: number
  seed: number
  phones: number
  off: number
  id: string
  text: string
  photos: string[]
  replaces: string | null
  code: string
  answer: Answer
  writes: number | null
}

const HERE = dirname(fileURLToPath(import.meta.url))
const SOURCES = join(HERE, '..', '..', '..', 'pwa', 'src')
const FORM = 'find'
const GONE = 'the tab is gone'
const pwa = createRequire(join(SOURCES, '..', 'package.json'))
const fake = pwa('fake-indexeddb') as Record<string, unknown> & { IDBFactory: new () => IDBFactory }
for (const [name, value] of Object.entries(fake)) if (name.startsWith('IDB')) Object.assign(globalThis, { [name]: value })

/** Photos are taken as they come: shrinking needs a browser's worker, and the reserve 4 MB of noise at every start. */
const STAND_INS: Edit[] = [
  { file: 'store/photos.ts', from: "import { shrink } from './shrink.ts'", to: 'const shrink = asItIs' },
  {
    file: 'store/photos.ts',
    from: 'const LARGEST_ORIGINAL',
    to: `async function asItIs(file: Blob) {
  const bytes = await file.arrayBuffer()
  return { bytes, thumbnail: bytes.slice(0, 8), width: 8, height: 8 }
}
const LARGEST_ORIGINAL`,
  },
  { file: 'store/device.ts', from: 'const RESERVE = 4 * 1024 * 1024', to: 'const RESERVE = 4' },
  { file: 'store/keyring.ts', from: 'const LEAST_ROUNDS = 150_000', to: 'const LEAST_ROUNDS = 1' },
  { file: 'store/keyring.ts', from: 'const MOST_ROUNDS = 2_000_000', to: 'const MOST_ROUNDS = 1' },
  { file: 'store/parcels.ts', from: 'return { bytes, opener', to: 'noteParcel(bytes, content)\n  return { bytes, opener' },
]
const GIVEN = [
  'indexedDB',
  'fetch',
  'Date',
  'AbortSignal',
  'crypto',
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'BroadcastChannel',
  'navigator',
  'document',
  'location',
  'addEventListener',
  'sessionStorage',
  'location',
  'console',
  'noteParcel',
]

const PIN = '482913'
const GOES_LOCKED = ['sync', 'deliver', 'enrol', 'tryAgain']
/** What was sealed, by the digest of its parcel: no phone can tell any more. */
const inside = new Map<string, Buffer>()

let now = 0
let phones: Phone[] = []
let random = 1
let busy = 0
let ciphering: Promise<void> = Promise.resolve()
let asked: { answer: Promise<Answer>; resolve(answer: Answer): void } | null = null

const opened = new WeakMap<object, Life>()
const start = await prepare(JSON.parse(process.argv[2] ?? '[]') as Edit[])
watchTransactions()
process.on('unhandledRejection', (error) => {
  if (!(error instanceof Error && error.message === GONE)) say({ error: `nobody caught ${(error as Error).stack ?? error}` })
})
serve()

function serve(): void {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const wish = JSON.parse(line) as Wish
    if (wish.do === 'answer') {
      const { resolve } = asked!
      asked = null
      resolve(wish.answer)
      return
    }
    fulfil(wish).then(
      (done) => say({ done }),
      (error: unknown) => say({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    )
  })
}

async function fulfil(wish: Wish): Promise<unknown> {
  now = wish.now
  if (wish.do === 'reset') return reset(wish)
  const phone = phones[wish.phone]!
  if (wish.do === 'close') kill(phone)
  else if (wish.do === 'clock') phone.off = wish.off
  else if (wish.do === 'open') await open(wish.phone)
  else return { told: await use(phone, wish), ...(await seen(phone)) }
  return { told: null, ...(await seen(phone)) }
}

/** Everything a person does with an app that is open. */
async function use(phone: Phone, wish: Wish): Promise<unknown> {
  const life = phone.life!
  if (wish.writes !== null) life.writesLeft = wish.writes
  const told = await Promise.race([act(phone, life, wish), life.death]).catch((error: unknown) => {
    if (!life.dead) throw error
  })
  if (!life.dead) await quiet(phone, life)
  if (wish.writes !== null) kill(phone)
  return told ?? null
}

async function act(phone: Phone, { client }: Life, wish: Wish): Promise<unknown> {
  if (!GOES_LOCKED.includes(wish.do)) await unlock(client)
  switch (wish.do) {
    case 'begin':
      return begin(client, wish)
    case 'finish':
      return finish(client, wish.id)
    case 'capture': {
      const id = await begin(client, wish)
      return id && finish(client, id)
    }
    case 'settle': // whoever sets a phone up chooses its PIN and waits for the forms
    case 'sync':
      void client.sendNow()
      return null
    case 'deliver': {
      const deliver = phone.held!
      phone.held = null
      deliver(wish.answer)
      return null
    }
    case 'enrol':
      return client.enrol(wish.code).then(
        () => null,
        (error: unknown) => String(error),
      )
    case 'pullBack':
      return (await client.pullBack(wish.id))?.instanceId ?? null
    case 'tryAgain':
      return client.tryAgain(wish.id)
    default:
      throw new Error(`nobody can ${wish.do}`)
  }
}

/** A phone stays locked after its start until a person wants more of it than sending. */
async function unlock(client: typeof Client): Promise<void> {
  if (client.lockState() === 'to-set') await client.setUp('Phone', PIN)
  if (client.lockState() === 'locked') await client.unlock((await client.people())[0]!.id, PIN)
}

async function begin(client: typeof Client, { text, photos, replaces }: Wish): Promise<string | null> {
  const form = await client.form(FORM)
  if (!form) return null
  const draft = await client.startDraft(form, replaces ? { replaces } : {})
  const taken: string[] = []
  for (const photo of photos) {
    const { sha256 } = await client.addPhoto(draft, 'photos', new Blob([Buffer.from(photo, 'base64')]))
    taken.push(sha256)
  }
  await client.saveDraft({ ...draft, answers: { what: text, ...(taken.length ? { photos: taken } : {}) } })
  return draft.instanceId
}

/** Answers what the phone says it has signed off. */
async function finish(client: typeof Client, id: string): Promise<unknown> {
  const draft = (await client.read(['drafts'], (tx) => tx.objectStore('drafts').get(id))) as Draft | undefined
  if (!draft) return null
  const form = (await client.form(draft.formId, draft.formVersion)) ?? ({ title: 'Find' } as Form)
  await client.finish(draft, form, 'Find')
  const row = await client.read(['records'], (tx) => tx.objectStore('records').get(id))
  return { id, digest: row?.digest, payload: plain(row!.bytes!).toString('base64') }
}

// The life of an app -------------------------------------------------------------------------------------------

function reset({ seed, phones: count }: Wish): null {
  for (const phone of phones) kill(phone)
  inside.clear()
  random = seed || 1
  phones = Array.from({ length: count }, () => ({ disk: new fake.IDBFactory(), life: null, off: 0, cookie: '', held: null }))
  return null
}

async function open(number: number): Promise<void> {
  const phone = phones[number]!
  kill(phone)
  const life = newLife()
  phone.life = life
  life.client = start(browserOf(number, phone, life))
  await life.client.openStore()
  life.client.startSync()
  await quiet(phone, life)
}

function newLife(): Life {
  let over: (value: null) => void
  const death = new Promise<null>((resolve) => (over = resolve))
  const life: Life = {
    client: null!,
    timers: new Set(),
    working: 0,
    dead: false,
    death,
    die: () => {
      life.dead = true
      over(null)
    },
    writesLeft: Number.POSITIVE_INFINITY,
  }
  return life
}

/** The tab is gone: what it wrote is there, what it waited for never comes. */
function kill(phone: Phone): void {
  if (!phone.life) return
  phone.life.die()
  for (const timer of phone.life.timers) clearImmediate(timer)
  phone.life = null
  phone.held = null
}

/** The globals one page of the app sees. */
function browserOf(number: number, phone: Phone, life: Life): unknown[] {
  class PhoneDate extends Date {
    constructor(...given: [] | [number | string]) {
      super(...((given.length ? given : [now + phone.off]) as [number]))
    }
    static override now(): number {
      return now + phone.off
    }
  }
  const laterOnly = { addEventListener: () => undefined }
  const disk = {
    open: (...given: Parameters<IDBFactory['open']>) => {
      const request = phone.disk.open(...given)
      request.addEventListener('success', () => opened.set(request.result, life))
      request.addEventListener('upgradeneeded', () => opened.set(request.result, life))
      return request
    },
  }
  const given: Record<string, unknown> = {
    indexedDB: disk,
    fetch: (path: string, init: RequestInit) => request(number, phone, life, path, init),
    Date: PhoneDate,
    AbortSignal: { timeout: () => undefined }, // the machine says when nothing comes
    crypto: { subtle: inTurn, getRandomValues },
    setTimeout: (work: () => void, wait: number) => soon(life, work, wait),
    clearTimeout: () => undefined,
    setInterval: () => 0,
    clearInterval: () => undefined,
    BroadcastChannel: class {
      postMessage(): void {}
      close(): void {}
    },
    navigator: { onLine: true, locks: { request: locked(life) } },
    document: {
      ...laterOnly,
      visibilityState: 'visible',
      get cookie() {
        return phone.cookie
      },
      set cookie(line: string) {
        phone.cookie = line.includes('max-age=0') ? '' : line.split(';')[0]!
      },
    },
    location: { protocol: 'https:' },
    addEventListener: () => undefined,
    sessionStorage: undefined,
    location: { protocol: 'https:', hostname: 'beat.example' },
    noteParcel: (parcel: ArrayBuffer, content: ArrayBuffer) => inside.set(digest(parcel), Buffer.from(content)),
    console: { ...console, error: (error: unknown) => life.dead || say({ error: `the app: ${(error as Error).stack ?? error}` }) },
  }
  return GIVEN.map((name) => given[name])
}

/** Only what comes at once comes by itself; the machine decides when the next try is due. */
function soon(life: Life, work: () => void, wait: number): unknown {
  if (wait > 100 || life.dead) return 0
  const timer = setImmediate(() => {
    life.timers.delete(timer)
    work()
  })
  life.timers.add(timer)
  return timer
}

function locked(life: Life) {
  return async (_name: string, _options: unknown, work: (lock: object) => Promise<void>): Promise<void> => {
    life.working += 1
    try {
      await work({})
    } finally {
      life.working -= 1
    }
  }
}

async function request(number: number, phone: Phone, life: Life, path: string, init: RequestInit): Promise<Response> {
  const packed = new Response(init.body ?? null)
  const body = Buffer.from(await packed.arrayBuffer()).toString('base64')
  const headers = { ...(init.headers as Record<string, string>) }
  const type = packed.headers.get('content-type')
  if (type?.startsWith('multipart/')) headers['Content-Type'] = type
  if (life.dead) return new Promise(() => undefined)
  say({ fetch: { phone: number, path, method: init.method ?? 'GET', headers, body } })
  let resolve: (answer: Answer) => void
  const coming = new Promise<Answer>((heard) => (resolve = heard))
  asked = { answer: coming, resolve: resolve! }
  let answer = await coming
  if (answer.how === 'hold') answer = await new Promise<Answer>((resolve) => (phone.held = resolve))
  if (life.dead) return new Promise(() => undefined)
  return arrived(answer)
}

function arrived({ how, status, headers, body }: Answer): Response {
  if (how === 'fail') throw new TypeError('Failed to fetch')
  const bytes = Buffer.from(body, 'base64')
  if (how === 'answer') return new Response(bytes, { status, headers })
  const broken = new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.subarray(0, bytes.length >> 1))
      controller.error(new TypeError('network error'))
    },
  })
  return new Response(broken, { status, headers })
}

// Waiting for an app to come to rest ---------------------------------------------------------------------------

/** Until it has done all it can do without another answer or another wish. */
async function quiet(phone: Phone, life: Life): Promise<void> {
  for (let still = 0; still < 3 && !life.dead; ) {
    if (asked) await asked.answer
    await new Promise((resolve) => setImmediate(resolve))
    const moving = busy > 0 || asked !== null || life.timers.size > 0 || (life.working > 0 && phone.held === null)
    still = moving ? 0 : still + 1
  }
}

/** Counts transactions under way, and lets a tab die before one of its writes. */
function watchTransactions(): void {
  const prototype = (fake['IDBDatabase'] as { prototype: IDBDatabase }).prototype
  const begin = prototype.transaction
  prototype.transaction = function (...given) {
    const life = opened.get(this)
    if (life && given[1] === 'readwrite' && life.writesLeft-- <= 0) life.die()
    if (life?.dead) throw new DOMException(GONE, 'AbortError')
    const tx = begin.apply(this, given)
    busy += 1
    for (const end of ['complete', 'abort']) tx.addEventListener(end, () => (busy -= 1))
    return tx
  }
}

// What is on a phone, read past the app ------------------------------------------------------------------------

async function seen(phone: Phone): Promise<object> {
  const [records, photos, bytes, drafts, receipts] = await all(phone.disk, ['records', 'photos', 'photoBytes', 'drafts', 'receipts'])
  const held = new Map(bytes!.map((row) => [row['id'], digest(plain(row['attachment'] as ArrayBuffer))]))
  const life = phone.life
  const shown = new Map(life ? (await life.client.read(['records'], (tx) => tx.objectStore('records').getAll())).map((row) => [row.instanceId, row]) : [])
  const rows = records!.map(({ bytes, ...row }) => ({
    ...row,
    review: shown.get(row['instanceId'] as string)?.review ?? row['review'] ?? null, // behind the lock it lies in a box
    veiled: undefined,
    title: undefined,
    history: undefined,
    bytes: bytes ? digest(plain(bytes as ArrayBuffer)) : null,
    payload: bytes && !row['tries'] ? plain(bytes as ArrayBuffer).toString('base64') : null,
    photos: photos!.filter((photo) => photo['instanceId'] === row['instanceId']).map((photo) => held.get(photo['id']) ?? null),
  }))
  return {
    rows,
    drafts: drafts!.map((row) => row['instanceId']),
    receipts,
    held: phone.held !== null,
    open: life !== null,
    status: life ? life.client.syncStatus() : null,
    shown: life ? (await life.client.records()).map((view) => view.instanceId) : null,
  }
}

async function all(disk: IDBFactory, names: string[]): Promise<Record<string, unknown>[][]> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = disk.open('beatbook')
    opening.onsuccess = () => resolve(opening.result)
    opening.onerror = () => reject(opening.error)
  })
  const tx = database.transaction(names, 'readonly')
  const rows = names.map(
    (name) =>
      new Promise<Record<string, unknown>[]>((resolve, reject) => {
        const reading = tx.objectStore(name).getAll()
        reading.onsuccess = () => resolve(reading.result as Record<string, unknown>[])
        reading.onerror = () => reject(reading.error)
      }),
  )
  const found = await Promise.all(rows)
  database.close()
  return found
}

/** What a person has signed off, sealed since or not. */
function plain(bytes: ArrayBuffer | undefined): Buffer {
  return bytes ? (inside.get(digest(bytes)) ?? Buffer.from(bytes)) : Buffer.alloc(0)
}

function digest(bytes: ArrayBuffer | Buffer): string {
  return createHash('sha256').update(Buffer.from(bytes as ArrayBuffer)).digest('hex')
}

// Making the client --------------------------------------------------------------------------------------------

/** Bundles the client with its faults, and answers what starts one copy of it. */
async function prepare(faults: Edit[]): Promise<(given: unknown[]) => typeof Client> {
  const edits = [...STAND_INS, ...faults]
  const planted = new Set<Edit>()
  const { rolldown } = (await import(pwa.resolve('rolldown'))) as typeof import('rolldown')
  const bundle = await rolldown({
    input: join(HERE, 'client.ts'),
    platform: 'browser',
    resolve: { modules: [join(SOURCES, '..', 'node_modules'), 'node_modules'] },
    transform: { define: { 'import.meta.env': '({})' } },
    plugins: [
      {
        name: 'faults',
        transform(code, path) {
          for (const edit of edits.filter(({ file }) => path.replaceAll('\\', '/').endsWith(`/pwa/src/${file}`))) {
            if (code.split(edit.from).length !== 2) throw new Error(`${edit.file} has not exactly one “${edit.from}”`)
            code = code.replace(edit.from, () => edit.to)
            planted.add(edit)
          }
          return code
        },
      },
    ],
  })
  const { output } = await bundle.generate({ format: 'iife', name: 'client' })
  const unused = edits.find((edit) => !planted.has(edit))
  if (unused) throw new Error(`${unused.file} is not part of the client`)
  const make = new Function(...GIVEN, `${output[0].code}\nreturn client`)
  return (given) => make(...given) as typeof Client
}

/** Real cryptography, one piece of it at a time: threads end in another order each time, and a run is to be repeated. */
const inTurn = new Proxy(crypto.subtle, {
  get: (subtle, name) =>
    async (...given: unknown[]): Promise<unknown> => {
      const before = ciphering
      let over: () => void
      ciphering = new Promise((resolve) => (over = resolve))
      busy += 1
      try {
        await before
        return await (Reflect.get(subtle, name) as (...given: unknown[]) => Promise<unknown>).apply(subtle, given)
      } finally {
        busy -= 1
        over!()
      }
    },
})

/** The same numbers in every run, so that a run can be repeated. */
function getRandomValues(array: Uint8Array): Uint8Array {
  for (let place = 0; place < array.length; place++) {
    random ^= random << 13
    random ^= random >>> 17
    random ^= random << 5
    array[place] = random & 0xff
  }
  return array
}

function say(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`)
}
