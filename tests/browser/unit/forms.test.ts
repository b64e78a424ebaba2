/** What a phone knows of forms: their versions for as long as something was made with them, settings, last answers. */
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { Form } from '../../../pwa/src/types.ts'
import { freshPhone, outbox, restart, rowOf, serverStores, store } from './phone.ts'

const FIRST: Form = {
  formId: 'hut',
  version: '1',
  title: 'Hut',
  audience: ['officer'],
  regime: 'uk_gdpr',
  retention: 'hut_check',
  fields: [{ name: 'row', type: 'text', label: 'Row', default: 'last()' }],
}
const SECOND: Form = { ...FIRST, version: '2', fields: [...FIRST.fields, { name: 'number', type: 'text', label: 'Hut' }] }
const OTHER: Form = { ...FIRST, formId: 'gate', title: 'Gate' }

beforeEach(async () => {
  await freshPhone()
  await fetched({ forms: [FIRST, OTHER] })
})

test('a draft is read by the version it was begun with, through updates and restarts', async () => {
  const draft = await store.startDraft(FIRST)
  await fetched({ forms: [SECOND, OTHER] })
  await restart()
  assert.deepEqual(await store.form('hut', draft.formVersion), FIRST)
  assert.deepEqual(await store.form('hut'), SECOND)
  assert.deepEqual((await store.forms()).map((form) => [form.formId, form.version]), [['gate', '1'], ['hut', '2']])
  await store.finish({ ...draft, answers: { row: 'Tankerton' } }, FIRST, 'Hut')
  assert.match(new TextDecoder().decode((await rowOf(draft.instanceId)).bytes!), /"formVersion":"1"/)
})

test('a record keeps the version it was made with when it is sent', async () => {
  const draft = await store.startDraft(FIRST)
  await store.finish({ ...draft, answers: { row: 'Tankerton' } }, FIRST, 'Hut')
  await fetched({ forms: [SECOND, OTHER] })
  await serverStores(draft.instanceId)
  assert.deepEqual((await store.record(draft.instanceId))?.form, FIRST)
})

test('a version that nothing was made with goes when the next one comes', async () => {
  await fetched({ forms: [SECOND, OTHER] })
  assert.equal(await store.form('hut', '1'), null)
})

test('a form that is no longer for this device starts nothing new, and what was begun can be finished', async () => {
  const draft = await store.startDraft(FIRST)
  await fetched({ forms: [OTHER] })
  assert.deepEqual((await store.forms()).map((form) => form.formId), ['gate'])
  assert.deepEqual(await store.form('hut', draft.formVersion), FIRST)
  await fetched({ forms: [] }) // nothing changed
  assert.deepEqual((await store.forms()).map((form) => form.formId), ['gate'])
  await fetched({ forms: [], removed: { forms: ['gate'] } })
  assert.deepEqual(await store.forms(), [])
})

test('the next record can begin with what was answered last, form by form', async () => {
  assert.deepEqual(await store.lastAnswers('hut'), {})
  const draft = await store.startDraft(FIRST)
  await store.finish({ ...draft, answers: { row: 'Tankerton' } }, FIRST, 'Hut', { row: 'Tankerton' })
  const second = await store.startDraft(FIRST)
  await store.finish({ ...second, answers: {} }, FIRST, 'Hut', {})
  await restart()
  assert.deepEqual(await store.lastAnswers('hut'), { row: 'Tankerton' })
  assert.deepEqual(await store.lastAnswers('gate'), {})
})

test('settings and alerts stay until others come', async () => {
  const settings = [{ name: 'fpn.litter.full', value: 200, from: '2024-01-01' }]
  const alerts = [{ instanceId: 'a', formId: 'hut', flag: 'Fire risk', title: 'Hut 12', place: null, receivedAt: '2026-11-22T10:00:00Z' }]
  await fetched({ settings, alerts })
  await fetched({})
  await restart()
  assert.deepEqual([await store.settings(), await store.alerts()], [settings, alerts])
  await fetched({ alerts: [] })
  assert.deepEqual(await store.alerts(), [])
})

async function fetched(answer: Partial<Parameters<typeof outbox.takeDown>[0]>): Promise<void> {
  await outbox.takeDown({ cursor: 'c', serverTime: '2026-11-22T10:00:00Z', ...answer })
}
