/** The studio's drawing: what a finger makes of it, the way back, and that the server draws the same. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { begun, cleared, held, heldSticker, nudged, redone, stickerAt, undone, withBackground, withoutHeld, withPart } from '../../../pwa/src/studio/easel.ts'
import { isFull, tidied, way, type Sticker } from '../../../pwa/src/studio/sketch.ts'

const cases = JSON.parse(readFileSync(new URL('../../cases/sketches.json', import.meta.url), 'utf8')) as { says: string; points: number[]; way: string }[]
const car: Sticker = { sticker: 'car', x: 400, y: 300, size: 2, turn: 0 }

for (const each of cases) test(`a stroke is drawn as on the desk: ${each.says}`, () => assert.equal(way(each.points), each.way))

test('fifty steps can be taken back and made again', () => {
  let easel = begun()
  for (let x = 0; x < 60; x += 1) easel = withPart(easel, { pen: 'red', width: 'thin', points: `${x} 0` })
  for (let steps = 0; steps < 80; steps += 1) easel = undone(easel)
  assert.equal(easel.sketch.parts.length, 10)
  for (let steps = 0; steps < 80; steps += 1) easel = redone(easel)
  assert.equal(easel.sketch.parts.length, 60)
})

test('clearing the page can be undone', () => {
  const easel = withPart(withBackground(begun(), 'sky'), car)
  assert.equal(cleared(easel).sketch.parts.length, 0)
  assert.deepEqual(undone(cleared(easel)).sketch, easel.sketch)
})

test('a sticker is moved, turned and sized by buttons alone, and stays on the page', () => {
  let easel = withPart(begun(), car)
  for (const how of ['left', 'up', 'bigger', 'turn'] as const) easel = nudged(easel, how)
  assert.deepEqual(heldSticker(easel), { ...car, x: 370, y: 270, size: 3, turn: 1 })
  for (let taps = 0; taps < 40; taps += 1) easel = nudged(easel, 'right')
  assert.equal(heldSticker(easel)!.x, 800)
  assert.equal(nudged(easel, 'right'), easel)
  assert.equal(withoutHeld(easel).sketch.parts.length, 0)
})

test('a finger takes up the front sticker under it', () => {
  const easel = withPart(withPart(begun(), car), { ...car, sticker: 'sun' })
  assert.equal(stickerAt(easel.sketch, 410, 310), 1)
  assert.equal(stickerAt(easel.sketch, 10, 10), null)
  assert.equal(heldSticker(held(easel, null)), null)
})

test('a line keeps its shape with few points', () => {
  const curve = Array.from({ length: 400 }, (_, at): [number, number] => [at * 2, 300 + 200 * Math.sin(at / 60)])
  const points = tidied(curve).split(' ').length / 2
  assert.ok(points > 8 && points < 60, `${points} points`)
  assert.equal(tidied([[-5, 9.4]]), '0 9')
})

test('a full page takes no more, and is still small enough to be taken', () => {
  let easel = begun()
  for (let taps = 0; taps < 300; taps += 1) easel = withPart(easel, car)
  assert.ok(isFull(easel.sketch))
  assert.ok(easel.sketch.parts.length > 25 && easel.sketch.parts.length < 120, `${easel.sketch.parts.length}`)
})
