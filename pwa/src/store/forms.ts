/** The forms, lists, settings and alerts this phone has, as the server last sent them. */
import type { Alert, Answers, Form, SettingRow } from '../types.ts'
import { meta, read, type ListRow, type Write } from './database.ts'

/** The newest version of every form, by title. */
export async function forms(): Promise<Form[]> {
  const rows = await read(['forms'], (tx) => tx.objectStore('forms').getAll())
  return rows
    .filter((row) => row.current)
    .map((row) => row.form)
    .sort((a, b) => a.title.localeCompare(b.title, 'en-GB'))
}

/** That version of a form, or the newest; null when this phone does not have it. */
export async function form(formId: string, version?: string): Promise<Form | null> {
  const rows = await read(['forms'], (tx) => tx.objectStore('forms').index('formId').getAll(formId))
  const wanted = rows.find((row) => (version === undefined ? row.current : row.version === version))
  return wanted?.form ?? null
}

export async function list(name: string): Promise<Record<string, string>[]> {
  return (await read(['lists'], (tx) => tx.objectStore('lists').get(name)))?.rows ?? []
}

export async function lists(): Promise<ListRow[]> {
  return read(['lists'], (tx) => tx.objectStore('lists').getAll())
}

/** Every value that a dated setting has, had or will have. */
export async function settings(): Promise<SettingRow[]> {
  return (await meta<SettingRow[]>('settings')) ?? []
}

/** What is urgent and was recorded by others, newest first, as the server last said. */
export async function alerts(): Promise<Alert[]> {
  return (await meta<Alert[]>('alerts')) ?? []
}

/** What this device answered the last time, for the questions of a form that begin with it. */
export async function lastAnswers(formId: string): Promise<Answers> {
  return (await meta<Answers>(lastKey(formId))) ?? {}
}

export function lastKey(formId: string): string {
  return `last ${formId}`
}

/** Takes a form's newest version; older ones stay only while a draft or a record was made with them. */
export async function takeForm(tx: Write, form: Form): Promise<void> {
  const store = tx.objectStore('forms')
  await retireForm(tx, form.formId)
  await store.put({ formId: form.formId, version: form.version, form, current: true })
}

/** A withdrawn form starts nothing new, but what was begun with it can still be read and finished. */
export async function retireForm(tx: Write, formId: string): Promise<void> {
  const store = tx.objectStore('forms')
  const inUse = await versionsInUse(tx, formId)
  for (const row of await store.index('formId').getAll(formId)) {
    if (inUse.has(row.version)) await store.put({ ...row, current: false })
    else await store.delete([row.formId, row.version])
  }
}

async function versionsInUse(tx: Write, formId: string): Promise<Set<string>> {
  const drafts = await tx.objectStore('drafts').getAll()
  const records = await tx.objectStore('records').getAll()
  return new Set([...drafts, ...records].filter((row) => row.formId === formId).map((row) => row.formVersion))
}
