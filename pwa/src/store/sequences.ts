/** Numbers without gaps on this phone: an officer's notebook counts its entries, and a missing one must show. */
import type { Answers, Field, Form } from '../types.ts'
import { read, write, type Write } from './database.ts'

/** The last number given, by form and question: {'notebook.entry_no': 12}. */
export type Sequences = Record<string, number>

interface Reader {
  objectStore(name: 'meta'): { get(key: string): Promise<unknown> }
}

const KEY = 'sequences'

/** The answers with the next number in every question that is still without one. */
export async function withNumbers(tx: Reader, form: Form, answers: Answers): Promise<Answers> {
  const last = await lastNumbers(tx)
  const given = sequencesIn(form.fields)
    .filter(({ name }) => answers[name] === undefined)
    .map(({ name }) => [name, (last[keyOf(form, name)] ?? 0) + 1])
  return given.length ? { ...answers, ...Object.fromEntries(given) } : answers
}

/** In the transaction that keeps the record, so that no number is given twice and none is lost. */
export async function noteNumbers(tx: Write, form: Form, answers: Answers): Promise<void> {
  const last = await lastNumbers(tx)
  const numbers = sequencesIn(form.fields).map(({ name }) => [keyOf(form, name), Number(answers[name])] as const)
  const higher = numbers.filter(([key, number]) => number > (last[key] ?? 0))
  if (higher.length) await tx.objectStore('meta').put({ ...last, ...Object.fromEntries(higher) }, KEY)
}

/** After its storage was cleared a phone goes on where its records at the office end. */
export async function countOnFrom(highest: Sequences): Promise<void> {
  const last = await read(['meta'], lastNumbers)
  const higher = Object.entries(highest).filter(([key, number]) => number > (last[key] ?? 0))
  if (higher.length === 0) return
  await write(['meta'], async (tx) => {
    await tx.objectStore('meta').put({ ...last, ...Object.fromEntries(higher) }, KEY)
  })
}

async function lastNumbers(tx: Reader): Promise<Sequences> {
  return ((await tx.objectStore('meta').get(KEY)) as Sequences | undefined) ?? {}
}

function keyOf(form: Form, name: string): string {
  return `${form.formId}.${name}`
}

/** Not in repeats: a row is no record. */
function sequencesIn(fields: Field[]): Field[] {
  return fields.flatMap((field) => {
    if (field.type === 'group') return sequencesIn(field.fields ?? [])
    return (field.appearance ?? '').split(' ').includes('sequence') ? [field] : []
  })
}
