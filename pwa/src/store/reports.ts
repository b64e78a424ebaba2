/** What the phone reports of its own work goes the way of every record: a submission, frozen, numbered, sent once. */
import type { Answers, Draft, Form } from '../types.ts'
import type { Write } from './database.ts'
import { isoTime, newId } from './ids.ts'
import { finish } from './records.ts'

/** Built-in forms: the server knows them beside any council's own pack (forms/built_in). */
export const TASK_STATE = builtIn('task_state', 'Task report')
export const ADVICE_SHOWN = builtIn('advice_shown', 'Advice shown')

/** Saves a report; `also` is what this phone changes with it, all or nothing. */
export async function report(
  form: Form,
  answers: Answers,
  title: string,
  also: (tx: Write, instanceId: string) => Promise<void>,
): Promise<void> {
  const now = isoTime()
  const draft: Draft = {
    instanceId: newId(),
    formId: form.formId,
    formVersion: form.version,
    answers,
    startedAt: now,
    changedAt: now,
    counter: 0,
    location: null,
    replaces: null,
    patrolId: null,
  }
  await finish(draft, form, title, {}, (tx) => also(tx, draft.instanceId))
}

export function isReport(formId: string): boolean {
  return formId === TASK_STATE.formId || formId === ADVICE_SHOWN.formId
}

/** As much of it as freezing takes: its questions are asked by no screen. */
function builtIn(formId: string, title: string): Form {
  return { formId, version: '1', title, audience: [], regime: 'uk_gdpr', retention: '', fields: [] }
}
