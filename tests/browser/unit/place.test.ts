/** Grid references against positions published by Ordnance Survey, known places by name and distance, and the choice between fixes. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fromGrid, placeOfReference } from '../../../pwa/src/fromgrid.ts'
import { toGrid, toGridRef } from '../../../pwa/src/gridref.ts'
import { better, placeWords } from '../../../pwa/src/place.ts'
import { distance, matching, nearest, placesOf, placeTyped, wayTo } from '../../../pwa/src/places.ts'
import type { Location } from '../../../pwa/src/types.ts'

const grid = JSON.parse(readFileSync(new URL('../../cases/grid.json', import.meta.url), 'utf8')) as {
  points: { place: string; latitude: number; longitude: number; easting: number; northing: number }[]
  references: { place: string; latitude: number; longitude: number; reference: string | null }[]
}

test('every point that Ordnance Survey publishes comes out within 5 m, and back again within 10 cm', () => {
  assert.ok(grid.points.length >= 12)
  for (const { place, latitude, longitude, easting, northing } of grid.points) {
    const found = toGrid(latitude, longitude)
    const off = Math.hypot(found.easting - easting, found.northing - northing)
    assert.ok(off < 5, `${place} is ${off.toFixed(1)} m off`)
    const back = distance(fromGrid(found.easting, found.northing), { latitude, longitude })
    assert.ok(back < 0.1, `${place} comes back ${back.toFixed(2)} m away`)
  }
})

test('a reference is what the desk says too, and null outside Great Britain', () => {
  for (const { place, latitude, longitude, reference } of grid.references)
    assert.equal(toGridRef(latitude, longitude), reference, place)
})

test('a reference that somebody types is the middle of its square', () => {
  for (const { latitude, longitude, reference } of grid.references) {
    if (reference === null) continue
    for (const typed of [reference, reference.toLowerCase().replaceAll(' ', '')]) {
      const found = placeOfReference(typed)!
      assert.equal(found.size, 10)
      assert.ok(distance(found.spot, { latitude, longitude }) <= 7.2)
    }
  }
  assert.equal(placeOfReference('TR 150 579')!.size, 100)
  assert.equal(placeTyped('TR 1505 5792')!.title, 'TR 1505 5792')
  for (const typed of ['TR 150 57', 'TI 150 579', 'AA 150 579', 'Tower Street', 'TR', ''])
    assert.equal(placeTyped(typed), null)
})

const known = placesOf([
  {
    name: 'schools',
    places: 'school',
    rows: [{ name: 'northbrook', label: 'Northbrook Primary', latitude: '51.2861', longitude: '1.0842' }],
  },
  {
    name: 'school_places',
    places: 'school',
    rows: [{ name: 'gate', label: 'Main gate', school: 'northbrook', latitude: '51.2862', longitude: '1.0842' }],
  },
  {
    name: 'streets',
    places: 'map-pin',
    rows: [
      {
        name: 'harbour',
        label: 'Harbour Street',
        town: 'Whitstable',
        latitude: '51.3613',
        longitude: '1.0259',
        reach: '80',
      },
      { name: 'gone', label: 'Gone Lane', latitude: '51.28', longitude: '1.08', withdrawn: '2020-01-01T00:00:00Z' },
      { name: 'st_johns', label: 'St John’s Road', town: 'Canterbury', latitude: '51.28', longitude: '1.08' },
      { name: 'harbour_parade', label: 'Harbour Parade', town: 'Whitstable', latitude: '51.3615', longitude: '1.0244' },
    ],
  },
  { name: 'classes', rows: [{ name: 'owls', label: 'Owls' }] },
  { name: 'tags', rows: [{ name: 'kron', label: 'KRON', latitude: '51.2862', longitude: '1.0842' }] },
  { name: 'broken', places: 'map-pin', rows: [{ name: 'x', label: 'X', latitude: '', longitude: 'east' }] },
])
const titles = (places: { title: string }[]) => places.map(({ title }) => title)

test('every list that says where its rows are is a list of places, and a gate says whose it is', () => {
  assert.deepEqual(titles(known).slice(0, 3), [
    'Northbrook Primary',
    'Main gate, Northbrook Primary',
    'Harbour Street, Whitstable',
  ])
  assert.equal(known.length, 5)
  assert.equal(known[2]!.reach, 80)
  assert.equal(known[0]!.icon, 'school')
})

test('a place is found by the beginnings of its words', () => {
  const find = (typed: string, here = null as Parameters<typeof matching>[2]) =>
    titles(matching(known, typed, here, 12))
  assert.deepEqual(find('harb st'), ['Harbour Street, Whitstable'])
  assert.deepEqual(find('st johns'), ['St John’s Road, Canterbury'])
  assert.deepEqual(find('northbrook'), ['Northbrook Primary', 'Main gate, Northbrook Primary'])
  assert.deepEqual(find('harb', { latitude: 51.3616, longitude: 1.0243 })[0], 'Harbour Parade, Whitstable')
  assert.deepEqual(find('zz'), [])
  assert.deepEqual(find(' '), [])
})

test('the nearest come first, with how far and which way', () => {
  const here = { latitude: 51.2858, longitude: 1.0842 }
  assert.deepEqual(titles(nearest(known, here, 2)), ['Northbrook Primary', 'Main gate, Northbrook Primary'])
  assert.equal(wayTo(here, known[0]!), '35 m north')
  assert.equal(wayTo(here, { latitude: 51.2858, longitude: 1.0802 }), '280 m west')
  assert.equal(wayTo(here, known[2]!), '9.3 km north-west')
  assert.equal(wayTo(here, here), 'here')
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
