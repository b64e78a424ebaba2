/** What the office has told this phone to do with itself, believed only with a proof that nobody else can make. */
import type { Device } from '../types.ts'
import { meta, write } from './database.ts'

export interface Order {
  id: number
  /** 'leave': its person may finish first. 'clear': nothing is shown any more. */
  do: 'lock' | 'leave' | 'clear'
  why: string
}

export interface GivenOrder extends Order {
  proof: string
}

/** The order that stands, until it is done or taken back. */
export function standingOrder(): Promise<Order | null> {
  return meta<Order>('order')
}

/** Whether anybody but our server has answered in its name. Without an order the one before is taken back. */
export async function takeOrder(device: Device, given: GivenOrder | undefined): Promise<'ours' | 'forged'> {
  if (given && !(await isProven(given.proof, ['order', device.serverId, device.deviceId, given.id, given.why])))
    return 'forged'
  const order: Order | null = given ? { id: given.id, do: given.do, why: given.why } : null
  const before = await standingOrder()
  if (before?.id === order?.id && before?.why === order?.why) return 'ours'
  await write(['meta'], async (tx) => {
    if (order) await tx.objectStore('meta').put(order, 'order')
    else await tx.objectStore('meta').delete('order')
  })
  return 'ours'
}

/** Whether our server has said yes to this very question. */
export function maySays(device: Device, nonce: string, proof: string): Promise<boolean> {
  return isProven(proof, ['clear', device.serverId, device.deviceId, nonce])
}

/** What orders are proven with: the digest of the token, which the server keeps and no script here can read. */
export async function orderKeyOf(token: string): Promise<string> {
  return toHex(await crypto.subtle.digest('SHA-256', utf8(token)))
}

/** A phone that was set up by an older app has no key yet. One that has one never takes another from an answer. */
export function lacksKey(): Promise<boolean> {
  return meta<string>('orderKey').then((key) => key === null)
}

async function isProven(proof: string, said: (string | number)[]): Promise<boolean> {
  const hex = await meta<string>('orderKey')
  if (!hex || !/^[0-9a-f]{64}$/.test(proof)) return false
  const key = await crypto.subtle.importKey('raw', fromHex(hex), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
  return crypto.subtle.verify('HMAC', key, fromHex(proof), utf8(['beatbook', ...said].join('\n')))
}

function utf8(text: string): ArrayBuffer {
  return new TextEncoder().encode(text).buffer as ArrayBuffer
}

function fromHex(hex: string): ArrayBuffer {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)).buffer
}

function toHex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
