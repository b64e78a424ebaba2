/** The line that carries a patrol from phone to tablet, and the PIN's waiting times. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  isCode,
  joinText,
  newCode,
  newSalt,
  newSigner,
  NotAPatrol,
  opened,
  pinCheckOf,
  signed,
  UnknownPhone,
  type Patrol,
} from '../../../pwa/src/patrols/patrol.ts'
import { after } from '../../../pwa/src/pupil/waiting.ts'

const patrol: Patrol = {
  patrolId: '0193aaaa-bbbb-7ccc-8ddd-eeeeffff0001',
  school: 'st_wilfrids',
  schoolName: 'St Wilfrid’s Primary',
  spots: ['st_wilfrids_gate', 'elsewhere_corner'],
  teams: ['fox', 'owl'],
  startsAt: '2026-11-25T14:45:00.000Z',
  endsAt: '2026-11-25T15:25:00.000Z',
  photos: 'masked',
  pinSalt: 'c2FsdHNhbHRzYWx0',
  pinCheck: 'z3RUMt8kjyCy0Xc1l7LX3w',
}

test('a patrol comes out of its line as it went in', async () => {
  const signer = await newSigner()
  const line = await signed(patrol, signer)
  assert.deepEqual(await opened(line, [signer]), patrol)
  assert.ok(line.length < 320, 'short enough for a square that a cheap camera reads')
  assert.match(line, /^[\w~.,-]+$/, 'no letter that an address would change')
})

test('any changed letter of a line is noticed', async () => {
  const signer = await newSigner()
  const line = await signed(patrol, signer)
  for (let at = 0; at < line.length; at += 3) {
    const changed = line.slice(0, at) + (line[at] === 'x' ? 'y' : 'x') + line.slice(at + 1)
    await assert.rejects(
      opened(changed, [signer]),
      (error) => error instanceof NotAPatrol || error instanceof UnknownPhone,
    )
  }
})

test('a line that another phone signed opens nothing', async () => {
  const [ours, theirs] = [await newSigner(), await newSigner()]
  await assert.rejects(opened(await signed(patrol, theirs), [ours]), UnknownPhone)
  const posing = { ...theirs, keyId: ours.keyId }
  await assert.rejects(opened(await signed(patrol, posing), [ours]), NotAPatrol)
})

test('the private half of a key cannot be taken out', async () => {
  const { privateKey } = await newSigner()
  await assert.rejects(crypto.subtle.exportKey('pkcs8', privateKey))
})

test('the check of a PIN is the one that the server makes', async () => {
  assert.equal(await pinCheckOf('4271', 'c2FsdHNhbHRzYWx0'), 'z3RUMt8kjyCy0Xc1l7LX3w')
  assert.notEqual(await pinCheckOf('4271', newSalt()), await pinCheckOf('4271', newSalt()))
})

test('wrong PINs make everybody wait, longer each time', () => {
  let tries = { wrong: 0, until: 0 }
  const waits = Array.from({ length: 9 }, () => {
    tries = after(tries, 1000)
    return tries.until ? (tries.until - 1000) / 1000 : 0
  })
  assert.deepEqual(waits, [0, 0, 30, 60, 120, 240, 480, 600, 600])
})

test('codes have six letters that are not mistaken for others', () => {
  for (let n = 0; n < 50; n++) assert.match(newCode(), /^[A-HJKMNP-Z]{6}$/)
  assert.ok(isCode('abc def'))
  assert.ok(!isCode('abcdefg'))
  assert.equal(joinText(' https://beat.example/#/join/1~abc.~x '), '1~abc.~x')
})
