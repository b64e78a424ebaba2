/**
 * A pupils' patrol as devices know it, and the line of text that carries one from an adult's phone to a tablet with no network.
 *
 * The line is what the square on the adult's screen holds, behind '#', which no browser ever sends anywhere. It is signed by the
 * adult's phone. That keeps a tablet from a patrol that somebody made up (other spots, a later end, a PIN they know); it does not
 * keep anybody from an unlocked phone. Of the PIN it holds only a slow check.
 */

export interface Patrol {
  patrolId: string
  school: string
  schoolName: string
  spots: string[]
  teams: string[]
  startsAt: string
  endsAt: string
  photos: 'off' | 'masked'
  pinSalt: string
  pinCheck: string
}

export interface PatrolKey {
  keyId: string
  /** base64 of the uncompressed point on P-256. */
  publicKey: string
}

export interface Signer extends PatrolKey {
  privateKey: CryptoKey
}

/** Without letters that are mistaken for another when they are read aloud. */
const CODE_LETTERS = 'ABCDEFGHJKMNPQRTUVWXYZ'
const PIN_ROUNDS = 100_000
const FORMAT = '1'
const BETWEEN = '~'
const CURVE = { name: 'ECDSA', namedCurve: 'P-256' }
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' }

export class NotAPatrol extends Error {
  override name = 'NotAPatrol'
}

/** Signed by a phone this tablet does not know: it may only have to fetch the newest keys. */
export class UnknownPhone extends Error {
  override name = 'UnknownPhone'
}

export async function newSigner(): Promise<Signer> {
  const pair = await crypto.subtle.generateKey(CURVE, false, ['sign', 'verify'])
  const point = await crypto.subtle.exportKey('raw', pair.publicKey)
  return { privateKey: pair.privateKey, publicKey: toBase64(new Uint8Array(point)), keyId: await keyIdOf(point) }
}

/** The line for the square. */
export async function signed(patrol: Patrol, signer: Signer): Promise<string> {
  const text = [
    FORMAT,
    toBase64Url(bytesOfUuid(patrol.patrolId)),
    patrol.school,
    toBase64Url(encoded(patrol.schoolName)),
    patrol.spots.map((spot) => shortened(spot, patrol.school)).join(','),
    patrol.teams.join(','),
    seconds(patrol.startsAt),
    seconds(patrol.endsAt),
    patrol.photos === 'masked' ? 'm' : 'o',
    patrol.pinSalt,
    patrol.pinCheck,
    signer.keyId,
  ].join(BETWEEN)
  const signature = await crypto.subtle.sign(SIGNING, signer.privateKey, encoded(text))
  return text + BETWEEN + toBase64Url(new Uint8Array(signature))
}

/** The patrol in a line, if a phone we know has signed all of it. Throws NotAPatrol or UnknownPhone. */
export async function opened(line: string, keys: PatrolKey[]): Promise<Patrol> {
  const cut = line.lastIndexOf(BETWEEN)
  const text = line.slice(0, cut)
  const [format, id, school, name, spots, teams, startsAt, endsAt, photos, pinSalt, pinCheck, keyId, more] =
    text.split(BETWEEN)
  if (format !== FORMAT || !id || !school || !name || !spots || !teams || !startsAt || !endsAt || more !== undefined)
    throw new NotAPatrol('not a patrol')
  if (!pinSalt || !pinCheck) throw new NotAPatrol('no PIN')
  const key = keys.find((known) => known.keyId === keyId)
  if (!key) throw new UnknownPhone('signed by a phone that is not known here')
  if (!(await isSigned(text, line.slice(cut + 1), key))) throw new NotAPatrol('the signature does not fit')
  return {
    patrolId: uuidOf(fromBase64Url(id)),
    school,
    schoolName: new TextDecoder().decode(fromBase64Url(name)),
    spots: spots.split(',').map((spot) => (spot.startsWith('.') ? `${school}_${spot.slice(1)}` : spot)),
    teams: teams.split(','),
    startsAt: momentOf(startsAt),
    endsAt: momentOf(endsAt),
    photos: photos === 'm' ? 'masked' : 'off',
    pinSalt,
    pinCheck,
  }
}

/** The same check as the server's `pin_check_of`: slow, so that trying out takes longer than a child's patience. */
export async function pinCheckOf(pin: string, salt: string): Promise<string> {
  const key = await crypto.subtle.importKey('raw', encoded(pin), 'PBKDF2', false, ['deriveBits'])
  const rule = { name: 'PBKDF2', hash: 'SHA-256', salt: encoded(salt), iterations: PIN_ROUNDS }
  return toBase64Url(new Uint8Array(await crypto.subtle.deriveBits(rule, key, 128)))
}

export function newSalt(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(12)))
}

export function newCode(): string {
  const letter = () => CODE_LETTERS[crypto.getRandomValues(new Uint32Array(1))[0]! % CODE_LETTERS.length]!
  return Array.from({ length: 6 }, letter).join('')
}

/** The line behind '#/join/' in whatever was pasted, or the letters of a code. */
export function joinText(typed: string): string {
  const at = typed.lastIndexOf('/join/')
  return at >= 0 ? typed.slice(at + 6).trim() : typed.trim()
}

export function isCode(text: string): boolean {
  return /^[a-z]{6}$/i.test(text.replace(/\s/g, ''))
}

async function isSigned(text: string, signature: string, { publicKey }: PatrolKey): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', fromBase64(publicKey), CURVE, false, ['verify'])
    return await crypto.subtle.verify(SIGNING, key, fromBase64Url(signature), encoded(text))
  } catch {
    return false // not even base64, or no point of the curve
  }
}

async function keyIdOf(point: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', point))
  return Array.from(digest.slice(0, 6), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function shortened(spot: string, school: string): string {
  return spot.startsWith(`${school}_`) ? `.${spot.slice(school.length + 1)}` : spot
}

function seconds(moment: string): string {
  return Math.round(Date.parse(moment) / 1000).toString(36)
}

function momentOf(seconds: string): string {
  const moment = Number.parseInt(seconds, 36) * 1000
  if (!Number.isFinite(moment)) throw new NotAPatrol('no time')
  return new Date(moment).toISOString()
}

function bytesOfUuid(uuid: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(uuid.replaceAll('-', '').match(/../g)!, (pair) => Number.parseInt(pair, 16))
}

function uuidOf(bytes: Uint8Array): string {
  if (bytes.length !== 16) throw new NotAPatrol('no number')
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function encoded(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}

function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'))
}
