/**
 * The PIN of this phone and what it opens. Each person has a key of their own for what they begin, and all share one for
 * what the office sends; both lie in a vault under a key made of the PIN. A PIN of six digits stops whoever finds the
 * phone, not a laboratory: what is finished is therefore sealed to the server (parcels.ts), where no PIN opens it.
 *
 * XChaCha20-Poly1305 is a library's and not the browser's, because the browser's answers only after the transaction ended.
 */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { announce, meta, read, setMeta, write, type RecordRow, type StoreName } from './database.ts'
import { settleDrafts } from './drafts.ts'
import { newId } from './ids.ts'
import { onLock, opened, takenOff, type Keyring, type Person } from './lock.ts'
import { noteDiscarded } from './numbers.ts'
import { pack, unpack } from './packing.ts'
import { putSealed } from './records.ts'
import { remember, sealRecord, type Seal } from './sealed.ts'
import { setVeil, SHARED_META, type Veil } from './veil.ts'

export const DIGITS = 6
const FREE_TRIES = 5
const FIRST_WAIT = 30_000 // ms, doubled with every further wrong PIN
const LONGEST_WAIT = 60 * 60_000
const SALT = 16
const KEY = 32
const NONCE = 24
const GLADLY = 400 // ms that a person waits for PBKDF2, on this very phone
const TRIAL_ROUNDS = 20_000
const LEAST_ROUNDS = 150_000
const MOST_ROUNDS = 2_000_000
const STORES: StoreName[] = ['drafts', 'records', 'photos', 'photoBytes', 'lists', 'meta']

interface Vault {
  own: ArrayBuffer
  shared: ArrayBuffer
  sharedId: string
}

type Tried = 'open' | { wrong: number; until: number }

/** The keys in hand while this phone is unlocked. */
let inHand: Vault | null = null

export async function people(): Promise<Pick<Person, 'id' | 'name' | 'until' | 'wrong'>[]> {
  return (await ring())?.people ?? []
}

/** Why a PIN is too easy, or null. */
export function tooEasy(pin: string): string | null {
  const digits = [...pin].map(Number)
  const steps = new Set(digits.slice(1).map((digit, at) => digit - digits[at]!))
  if (steps.size === 1 && [0, 1, -1].includes([...steps][0]!)) return 'That is too easy to guess. Mix the digits.'
  if (/^(\d\d)\1\1$|^(\d\d\d)\2$/.test(pin)) return 'That is too easy to guess. Mix the digits.'
  return null
}

/** The first PIN of this phone. What was here before goes behind the lock, and what is finished is sealed. */
export async function setUp(name: string, pin: string): Promise<void> {
  const sharedId = newId()
  const keys = { own: random(KEY), shared: random(KEY), sharedId }
  const person = await personWith(newId(), name, pin, keys)
  await setMeta('keyring', { shared: sharedId, people: [person] } satisfies Keyring)
  await open(person, keys)
}

/** Somebody else gets a PIN on an unlocked phone; it is theirs from then on, until somebody else unlocks it. */
export async function add(name: string, pin: string): Promise<void> {
  const known = await ring()
  if (!inHand || !known) throw new Error('only an unlocked phone is passed on')
  const keys = { ...inHand, own: random(KEY) }
  const person = await personWith(newId(), name, pin, keys)
  await changeRing((now) => ({ ...now, people: [...now.people, person] }))
  await open(person, keys)
}

/** A wrong PIN is counted before anything else happens, so that closing Beatbook does not give another try. */
export async function unlock(personId: string, pin: string, now: number = Date.now()): Promise<Tried> {
  const person = (await ring())?.people.find((one) => one.id === personId)
  if (!person) throw new Error('nobody of that name on this phone')
  if (person.until > now) return { wrong: person.wrong, until: person.until }
  const wrong = person.wrong + 1
  const until = wrong < FREE_TRIES ? 0 : now + Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (wrong - FREE_TRIES))
  await change(personId, { wrong, until })
  const key = await keyOf(pin, person)
  const vault = unboxed(key, person.vault)
  if (!vault) return { wrong, until }
  await change(personId, { wrong: 0, until: 0 })
  await open(person, unpack(vault) as Vault)
  return 'open'
}

/** Nobody knows the PIN any more, and the office has set the phone up anew: what this person had begun is gone. */
export async function startAnew(personId: string, pin: string): Promise<void> {
  const known = await ring()
  const old = known?.people.find((one) => one.id === personId)
  if (!known || !old) throw new Error('nobody of that name on this phone')
  const keys = { own: random(KEY), shared: random(KEY), sharedId: newId() } // what the office had sent is fetched anew
  const person = await personWith(newId(), old.name, pin, keys)
  await removeOwn(personId)
  await changeRing((now) => ({
    ...now,
    people: [...now.people.filter((one) => one.id !== personId), person],
  }))
  await open(person, keys)
}

async function open(person: Person, keys: Vault): Promise<void> {
  inHand = keys
  const sealing = await meta<Seal>('seal')
  const veil = veilOf(person.id, keys, sealing?.appLock !== false)
  setVeil(veil)
  await import('./parcels.ts') // what is finished later, perhaps with no signal, does not wait for it
  if ((await ring())?.shared !== keys.sharedId) await dropShared(keys.sharedId)
  if ((await meta<boolean>('veiled')) !== veil.hides) await rewrite(veil.hides)
  if (veil.hides) opened(veil)
  else await takeOff()
  await settleDrafts()
  announce('enrolled') // what was not fetched while it was locked comes now
}

function veilOf(own: string, keys: Vault, hides: boolean): Veil {
  const known = new Map([
    [own, new Uint8Array(keys.own)],
    [keys.sharedId, new Uint8Array(keys.shared)],
  ])
  return {
    own,
    shared: keys.sharedId,
    hides,
    hide: (keyId, plain) => boxed(known.get(keyId)!, plain),
    show: (keyId, box) => {
      const key = known.get(keyId)
      return key ? unboxed(key, box) : null
    },
  }
}

/** Somebody has started this phone anew since: what the office had sent lies under a key we lack, and comes once more. */
async function dropShared(sharedId: string): Promise<void> {
  await write(['lists', 'meta'], async (tx) => {
    await tx.objectStore('lists').clear()
    for (const key of [...SHARED_META, 'down']) await tx.objectStore('meta').delete(key)
  })
  await changeRing((now) => ({ ...now, shared: sharedId }))
}

/** Every row once through the veil, after a lock was set up or taken off; what an end in the middle leaves, the next unlocking takes. */
async function rewrite(hides: boolean): Promise<void> {
  if (hides) for (const row of await read(['records'], (tx) => tx.objectStore('records').getAll())) await sealOld(row)
  for (const store of STORES) {
    const keys = await read([store], (tx) => tx.objectStore(store).getAllKeys())
    for (const key of keys) {
      if (store !== 'meta' || SHARED_META.includes(String(key)) || String(key).startsWith('last ')) await rewriteRow(store, key)
    }
  }
  await setMeta('veiled', hides)
}

async function rewriteRow(store: StoreName, key: IDBValidKey): Promise<void> {
  await write([store], async (tx) => {
    const rows = tx.objectStore(store) as unknown as { get(key: IDBValidKey): Promise<unknown>; put(row: unknown, key?: IDBValidKey): Promise<void> }
    const row = await rows.get(key)
    if (row !== undefined) await (store === 'meta' ? rows.put(row, key) : rows.put(row))
  })
}

/** What was finished before there was a lock. */
async function sealOld(row: RecordRow): Promise<void> {
  if (!row.bytes || row.sealed) return
  const all = await read(['photos'], (tx) => tx.objectStore('photos').index('instanceId').getAll(row.instanceId))
  const made = await sealRecord(row.instanceId, row.bytes, row.digest, all)
  if (!made) return
  const photos = all.filter(({ id }) => made.photos.has(id))
  const written = await write(['records', 'photos', 'photoBytes'], async (tx) => {
    const now = await tx.objectStore('records').get(row.instanceId)
    if (!now?.bytes || now.sealed) return false // the server had it meanwhile, or another tab was quicker
    await tx.objectStore('records').put({ ...now, bytes: made.submission.bytes, sealed: true })
    await putSealed(tx, photos, made)
    return true
  })
  if (written) remember(row.instanceId, made)
}

async function takeOff(): Promise<void> {
  await write(['meta'], async (tx) => {
    for (const key of ['keyring', 'pepper', 'veiled']) await tx.objectStore('meta').delete(key)
  })
  inHand = null
  takenOff()
}

/** What a person had begun, for nobody can read it any more. */
async function removeOwn(personId: string): Promise<void> {
  await write(['drafts', 'photos', 'photoBytes', 'meta'], async (tx) => {
    for (const row of await tx.objectStore('drafts').getAll()) {
      if (row.veiled?.own?.by !== personId) continue
      await tx.objectStore('drafts').delete(row.instanceId)
      if (row.counter) await noteDiscarded(tx, row.counter)
      for (const id of await tx.objectStore('photos').index('instanceId').getAllKeys(row.instanceId)) {
        await tx.objectStore('photos').delete(id)
        await tx.objectStore('photoBytes').delete(id)
      }
    }
    for (const key of await tx.objectStore('meta').getAllKeys())
      if (key.startsWith('last ')) await tx.objectStore('meta').delete(key)
  })
}

function ring(): Promise<Keyring | null> {
  return meta<Keyring>('keyring')
}

async function changeRing(how: (now: Keyring) => Keyring): Promise<void> {
  await write(['meta'], async (tx) => {
    const store = tx.objectStore('meta')
    await store.put(how((await store.get('keyring')) as Keyring), 'keyring')
  })
}

function change(personId: string, what: Partial<Person>): Promise<void> {
  return changeRing((now) => ({
    ...now,
    people: now.people.map((one) => (one.id === personId ? { ...one, ...what } : one)),
  }))
}

async function personWith(id: string, name: string, pin: string, keys: Vault): Promise<Person> {
  const person = { id, name, salt: new Uint8Array(random(SALT)), rounds: await fittingRounds(), wrong: 0, until: 0 }
  return { ...person, vault: boxed(await keyOf(pin, person), pack(keys)) }
}

/** The PIN stretched, and mixed with a key that this browser does not give out, where it can keep one. */
async function keyOf(pin: string, { salt, rounds }: Pick<Person, 'salt' | 'rounds'>): Promise<Uint8Array> {
  const stretched = await stretch(pin, salt, rounds)
  const pepper = await ownPepper()
  return new Uint8Array(pepper ? await crypto.subtle.sign('HMAC', pepper, stretched) : stretched)
}

async function stretch(pin: string, salt: Uint8Array<ArrayBuffer>, iterations: number): Promise<ArrayBuffer> {
  const from = await crypto.subtle.importKey('raw', new TextEncoder().encode(pin), 'PBKDF2', false, ['deriveBits'])
  return crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, from, 8 * KEY)
}

/** As many rounds as this phone does while a person waits gladly. */
async function fittingRounds(): Promise<number> {
  const begun = performance.now()
  await stretch('000000', new Uint8Array(SALT), TRIAL_ROUNDS)
  const fitting = (TRIAL_ROUNDS * GLADLY) / Math.max(1, performance.now() - begun)
  return Math.round(Math.min(MOST_ROUNDS, Math.max(LEAST_ROUNDS, fitting)))
}

/** Some browsers cannot keep such a key in private windows; the PIN then stands alone. */
async function ownPepper(): Promise<CryptoKey | null> {
  const known = await meta<CryptoKey | 'none'>('pepper')
  if (known) return known === 'none' ? null : known
  const made = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  try {
    await setMeta('pepper', made)
    return made
  } catch {
    await setMeta('pepper', 'none')
    return null
  }
}

function boxed(key: Uint8Array, plain: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(random(NONCE))
  const sealed = xchacha20poly1305(key, nonce).encrypt(plain)
  const box = new Uint8Array(NONCE + sealed.byteLength)
  box.set(nonce)
  box.set(sealed, NONCE)
  return box
}

function unboxed(key: Uint8Array, box: Uint8Array): Uint8Array | null {
  try {
    return xchacha20poly1305(key, box.subarray(0, NONCE)).decrypt(box.subarray(NONCE))
  } catch {
    return null // under another key
  }
}

function random(size: number): ArrayBuffer {
  return crypto.getRandomValues(new Uint8Array(size)).buffer
}

onLock((state) => {
  if (state === 'locked') inHand = null
})
