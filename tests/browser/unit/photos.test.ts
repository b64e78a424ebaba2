/** Photos on the phone: their order, what is said of them, what is covered, and the camera's own file beside the copy. */
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { withPhotos, withPhotosKept } from '../../../pwa/src/app/photo-answers.ts'
import { added, changed } from '../../../pwa/src/covers.ts'
import type { Answers, Cover, Draft, Form } from '../../../pwa/src/types.ts'
import { database, freshPhone, restart, rowOf, store } from './phone.ts'

const EVIDENCE: Form = {
  formId: 'evidence',
  version: '1',
  title: 'Evidence',
  audience: ['officer'],
  regime: 'le_part3',
  retention: 'graffiti',
  fields: [
    { name: 'photos', type: 'image', label: 'Photos', original: true },
    { name: 'views', type: 'image', label: 'Views' },
    { name: 'signed', type: 'signature', label: 'Signature' },
  ],
}
const FACE: Cover = { x: 0.4, y: 0.1, width: 0.2, height: 0.2 }

/** Answers as the shrinking worker would, with bytes that say what was asked of it. */
class Shrinker {
  onmessage: (event: { data: unknown }) => void = () => undefined
  terminate(): void {}
  async postMessage({ picture, covers }: { picture: Blob; covers: Cover[] }): Promise<void> {
    const seen = await picture.text()
    const failed = seen.includes('broken') && { failed: 'EncodingError' }
    const bytes = bytesOf(`${seen} made small${covers.length ? `, ${covers.length} covered` : ''}`)
    this.onmessage({ data: failed || { shrunk: { bytes, thumbnail: bytes, width: 1600, height: 1200 } } })
  }
}
Object.assign(globalThis, { Worker: Shrinker, location: { origin: 'http://phone' } })

let draft: Draft
beforeEach(async () => {
  await freshPhone()
  await database.write(['forms'], async (tx) => {
    await tx.objectStore('forms').put({ formId: 'evidence', version: '1', form: EVIDENCE, current: true })
  })
  draft = await store.startDraft(EVIDENCE)
})

const bytesOf = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer
const textOf = (bytes: ArrayBuffer | null | undefined) => new TextDecoder().decode(bytes ?? undefined)
const jpeg = (name: string) => new Blob([new Uint8Array([0xff, 0xd8, 0xff]), name])
const answersNow = async (): Promise<Answers> =>
  withPhotosKept(EVIDENCE.fields, {}, await store.photosOf(draft.instanceId))

/** How many photos, and originals, take room on this phone. */
const kept = async () => (await database.read(['photoBytes'], (tx) => tx.objectStore('photoBytes').count())) as number

async function finish(): Promise<{ answers: Answers; attachments: { field: string; sha256: string }[] }> {
  await store.finish({ ...draft, answers: await answersNow() }, EVIDENCE, 'Evidence')
  return JSON.parse(textOf((await rowOf(draft.instanceId)).bytes))
}

test('where the form wants the original, the working copy and the camera’s own file are both listed, and which is which', async () => {
  const photo = await store.addPhoto(draft, 'photos', jpeg('one'))
  const { answers, attachments } = await finish()
  assert.deepEqual(answers['photos'], [photo.sha256])
  assert.deepEqual(answers['photos.about'], [{ photo: photo.sha256, original: photo.original }])
  assert.deepEqual(
    attachments.map(({ field, sha256 }) => [field, sha256]),
    [
      ['photos', photo.sha256],
      ['photos.original', photo.original],
    ],
  )
})

test('elsewhere only the small copy is kept', async () => {
  const photo = await store.addPhoto(draft, 'views', jpeg('one'))
  const { answers, attachments } = await finish()
  assert.deepEqual(Object.keys(answers), ['views'])
  assert.deepEqual(
    attachments.map(({ sha256 }) => sha256),
    [photo.sha256],
  )
})

test('a photo takes its original with it when it is removed, brings it back, and is gone with it at the next start', async () => {
  const photo = await store.addPhoto(draft, 'photos', jpeg('one'))
  await store.removePhoto(photo.id)
  assert.deepEqual(await answersNow(), {})
  await store.restorePhoto(photo.id)
  await restart()
  assert.equal(await kept(), 2)
  await store.removePhoto(photo.id)
  await restart()
  assert.equal(await kept(), 0)
})

test('what is covered is gone from the copy at once, and from this phone when the record is finished', async () => {
  const photo = await store.addPhoto(draft, 'views', jpeg('a face'))
  const covered = await store.coverPhoto(photo.id, [FACE])
  assert.notEqual(covered.sha256, photo.sha256)
  assert.match(textOf(await store.photoBytes(photo.id)), /1 covered$/)
  assert.match(textOf(covered.thumbnail), /1 covered$/)
  assert.doesNotMatch(textOf(await store.uncoveredBytes(photo.id)), /covered/)

  const { answers, attachments } = await finish()
  assert.deepEqual(answers['views.about'], [{ photo: covered.sha256, covered: 1 }])
  assert.deepEqual(
    attachments.map(({ sha256 }) => sha256),
    [covered.sha256],
  )
  assert.match(textOf(await store.uncoveredBytes(photo.id)), /1 covered$/)
  const rows = await database.read(['photoBytes'], (tx) => tx.objectStore('photoBytes').getAll())
  assert.equal(rows.filter((row) => 'uncovered' in row).length, 0)
})

test('a cover can be taken off again, and the copy is the very one from before', async () => {
  const photo = await store.addPhoto(draft, 'views', jpeg('one'))
  await store.coverPhoto(photo.id, [FACE])
  assert.equal((await store.coverPhoto(photo.id, [])).sha256, photo.sha256)
  assert.deepEqual((await finish()).answers, { views: [photo.sha256] })
})

test('EV3: covering a photo leaves the camera’s own file as it came', async () => {
  const photo = await store.addPhoto(draft, 'photos', jpeg('one'))
  const covered = await store.coverPhoto(photo.id, [FACE])
  assert.equal(covered.original, photo.original)
  const { answers } = await finish()
  assert.deepEqual(answers['photos.about'], [{ photo: covered.sha256, original: photo.original, covered: 1 }])
})

test('a record that is finished cannot be covered behind its digest', async () => {
  const photo = await store.addPhoto(draft, 'views', jpeg('one'))
  await finish()
  await assert.rejects(store.coverPhoto(photo.id, [FACE]), /no longer open/)
  assert.match(textOf(await store.photoBytes(photo.id)), /made small$/)
})

test('photos go in the order they were put in', async () => {
  const [one, two, three] = [
    await store.addPhoto(draft, 'views', jpeg('1')),
    await store.addPhoto(draft, 'views', jpeg('2')),
    await store.addPhoto(draft, 'views', jpeg('3')),
  ]
  await store.arrangePhotos([three!, one!, two!])
  const { answers, attachments } = await finish()
  const wanted = [three!.sha256, one!.sha256, two!.sha256]
  assert.deepEqual(answers['views'], wanted)
  assert.deepEqual(
    attachments.map(({ sha256 }) => sha256),
    wanted,
  )
})

test('what is said of a photo stands in its row; nothing said is no row', async () => {
  const photo = await store.addPhoto(draft, 'views', jpeg('1'))
  await store.describePhoto(photo.id, { caption: 'The bin', shows: '', person: 'no' })
  assert.deepEqual((await answersNow())['views.about'], [{ photo: photo.sha256, caption: 'The bin', person: 'no' }])
  await store.describePhoto(photo.id, {})
  assert.deepEqual(await answersNow(), { views: [photo.sha256] })
})

test('a signature is attached as PNG, and the words of one who could not sign go with it', async () => {
  const drawn = { bytes: bytesOf('ink'), thumbnail: bytesOf('ink'), width: 300, height: 200 }
  const signed = await store.addDrawing(draft, 'signed', drawn, { typed: 'Hand in plaster' })
  await store.finish({ ...draft, answers: await answersNow() }, EVIDENCE, 'Evidence')
  const row = await rowOf(draft.instanceId)
  assert.deepEqual(row.attachments, [{ field: 'signed', sha256: signed.sha256, size: 3, mediaType: 'image/png' }])
  assert.deepEqual(JSON.parse(textOf(row.bytes)).answers, {
    signed: [signed.sha256],
    'signed.about': [{ photo: signed.sha256, typed: 'Hand in plaster' }],
  })
})

test('a record that is mended keeps its photos’ captions, covers and originals', async () => {
  const photo = await store.addPhoto(draft, 'photos', jpeg('1'))
  await store.coverPhoto(photo.id, [FACE])
  await store.describePhoto(photo.id, { caption: 'The bin' })
  const { answers: before } = await finish()
  draft = await store.startDraft(EVIDENCE, { answers: before, replaces: draft.instanceId })
  const { answers, attachments } = await finish()
  assert.deepEqual(answers, before)
  assert.equal(attachments.length, 2)
  const [copy] = await store.photosOf(draft.instanceId)
  assert.equal(copy!.covered, 1)
})

test('what is removed from a record that is being mended stays with the first one', async () => {
  await store.addPhoto(draft, 'photos', jpeg('1'))
  const { answers } = await finish()
  draft = await store.startDraft(EVIDENCE, { answers, replaces: draft.instanceId })
  const [copy] = await store.photosOf(draft.instanceId)
  await store.removePhoto(copy!.id)
  await restart()
  const rows = await database.read(['photos'], (tx) => tx.objectStore('photos').getAll())
  assert.deepEqual(
    rows.map((row) => row.instanceId),
    [draft.replaces, draft.replaces],
  )
})

test('a photo in a repeat is listed in its row', () => {
  const photo = { field: 'people/0/photo', sha256: 'aa', about: { caption: 'Coat' } }
  const answers = withPhotos({ people: [{ age: 3 }] }, 'people/0/photo', [photo as never])
  assert.deepEqual(answers, {
    people: [{ age: 3, photo: ['aa'], 'photo.about': [{ photo: 'aa', caption: 'Coat' }] }],
  })
})

test('an iPhone’s HEIC is refused with what to do instead, a damaged photo with another sentence', async () => {
  const heic = new Blob([new Uint8Array([0, 0, 0, 24]), 'ftypheic broken'])
  await assert.rejects(store.addPhoto(draft, 'views', heic), /iPhone photo \(HEIC\).*Take photo/)
  await assert.rejects(store.addPhoto(draft, 'views', jpeg('broken')), /could not be opened/)
  assert.deepEqual(await store.photosOf(draft.instanceId), [])
})

test('a cover stays on the photo however it is moved and sized', () => {
  const photo = { width: 1600, height: 1200 }
  let cover = added(0.99, 0.01, photo)
  assert.ok(Math.abs(cover.width * photo.width - cover.height * photo.height) < 1, 'square on the photo')
  for (const change of ['right', 'up', 'wider', 'wider', 'taller', 'left', 'down', 'narrower', 'shorter'] as const) {
    for (let times = 0; times < 60; times += 1) {
      cover = changed(cover, change)
      assert.ok(
        cover.x >= 0 && cover.y >= 0 && cover.x + cover.width <= 1.0001 && cover.y + cover.height <= 1.0001,
        change,
      )
      assert.ok(cover.width >= 0.02 && cover.height >= 0.02, change)
    }
  }
})
