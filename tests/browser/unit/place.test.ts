/** Grid references against positions published by Ordnance Survey, and the choice between fixes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toGrid, toGridRef } from '../../../pwa/src/gridref.ts'
import { better, placeWords } from '../../../pwa/src/place.ts'
import type { Location } from '../../../pwa/src/types.ts'

test('Canterbury Cathedral lies in TR 150 579', () => {
  assert.match(toGridRef(51.27983, 1.08276)!, /^TR 15[01] 57[89]$/)
})

test('Ordnance Survey’s own worked example comes out within 5 m', () => {
  // Caister Water Tower in "A guide to coordinate systems in Great Britain": ETRS89 in, OSTN grid out.
  const caister = toGrid(52 + 39 / 60 + 28.8282 / 3600, 1 + 42 / 60 + 57.8663 / 3600)
  assert.ok(Math.hypot(caister.easting - 651_409.792, caister.northing - 313_177.448) < 5, JSON.stringify(caister))
})

test('far corners have their letters right', () => {
  assert.equal(toGridRef(56.79685, -5.003508), 'NN 166 712') // Ben Nevis
  assert.match(toGridRef(50.066, -5.7147)!, /^SW 34[12] 25[0-9]$/) // Land's End
  assert.match(toGridRef(60.8541, -0.8857)!, /^HP 60[0-9] 1[0-9]{2}$/) // Muckle Flugga, near enough
})

test('outside Great Britain there is no grid reference', () => {
  assert.equal(toGridRef(48.8566, 2.3522), null)
  assert.equal(toGridRef(40.7, -74), null)
})

test('the more accurate fix wins, until it has gone stale', () => {
  const fix = (accuracy: number, fixedAt: string): Location => ({
    latitude: 51,
    longitude: 1,
    accuracy,
    source: 'gps',
    fixedAt,
  })
  const sharp = fix(8, '2026-11-22T10:00:00+00:00')
  assert.equal(better(sharp, fix(30, '2026-11-22T10:00:20+00:00')), sharp)
  assert.equal(better(sharp, fix(5, '2026-11-22T10:00:20+00:00')).accuracy, 5)
  assert.equal(better(sharp, fix(30, '2026-11-22T10:01:30+00:00')).accuracy, 30)
})

test('accuracy is said in metres', () => {
  const fix = { latitude: 51, longitude: 1, accuracy: 8.4, source: 'gps', fixedAt: '' } as const
  assert.equal(placeWords(fix), 'about 8 m')
  assert.equal(placeWords({ ...fix, accuracy: 2_400 }), 'about 2 km')
})
