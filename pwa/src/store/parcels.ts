/** Parcels: one part sealed to the server's public key (parcels.py opens it), by what the browser itself has for that. */
import { sha256 } from './ids.ts'
import type { Seal } from './sealed.ts'

export interface Parcel {
  bytes: ArrayBuffer
  opener: Opener
}

export interface Opener {
  key: CryptoKey
  nonce: Uint8Array<ArrayBuffer>
  bound: Uint8Array<ArrayBuffer>
  /** Where in the parcel the sealed bytes begin. */
  start: number
}

const MAGIC = 'BBP1'
const PURPOSE = 'beatbook parcel 1'
const SECRET = 32 // bytes of the key; the nonce follows
const NONCE = 12
const CURVE = { name: 'ECDH', namedCurve: 'P-256' }

/** Seals one part. `more` stands in its head, for a server that cannot open it. */
export async function seal(
  to: Seal,
  content: ArrayBuffer,
  name: 'submission' | 'attachment',
  digest: string,
  more: Record<string, string> = {},
): Promise<Parcel> {
  const theirs = fromBase64(to.publicKey)
  const oneTime = (await crypto.subtle.generateKey(CURVE, true, ['deriveBits'])) as CryptoKeyPair
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', oneTime.publicKey))
  const key = await crypto.subtle.importKey('raw', theirs, CURVE, false, [])
  const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: key }, oneTime.privateKey, 256)
  const made = await derived(shared, joined(point, theirs))
  const bound = utf8(`${name} ${digest}`)
  const aes = await crypto.subtle.importKey('raw', made.slice(0, SECRET), 'AES-GCM', false, ['encrypt', 'decrypt'])
  const nonce = made.slice(SECRET)
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData: bound }, aes, content)
  const head = { key: to.keyId, point: toBase64(point), name, digest, ...more, sealed: await sha256(sealed) }
  const text = utf8(JSON.stringify(head))
  const start = MAGIC.length + 2 + text.byteLength
  const size = new Uint8Array([text.byteLength >> 8, text.byteLength & 0xff])
  const bytes = joined(utf8(MAGIC), size, text, new Uint8Array(sealed)).buffer
  return { bytes, opener: { key: aes, nonce, bound, start } }
}

/** What is inside, by who still has in mind what opens it. */
export function open({ key, nonce, bound, start }: Opener, parcel: ArrayBuffer): Promise<ArrayBuffer | null> {
  return crypto.subtle
    .decrypt({ name: 'AES-GCM', iv: nonce, additionalData: bound }, key, new Uint8Array(parcel, start))
    .catch(() => null) // sealed anew in another tab
}

async function derived(shared: ArrayBuffer, salt: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const from = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveBits'])
  const how = { name: 'HKDF', hash: 'SHA-256', salt, info: utf8(PURPOSE) }
  return new Uint8Array(await crypto.subtle.deriveBits(how, from, 8 * (SECRET + NONCE)))
}

function joined(...pieces: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.byteLength
  }
  return whole
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)) as Uint8Array<ArrayBuffer>
}
