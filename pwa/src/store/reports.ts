/** What the phone reports of its own work goes the way of every record: a submission, frozen, numbered, sent once. */
import type { Answers, Draft } from '../types.ts'
import type { Write } from './database.ts'
import { isoTime, newId } from './ids.ts'
import { finish } from './records.ts'

/** Built-in forms: the server knows them beside any council's own pack (forms/built_in). */
export const TASK_STATE = { formId: 'task_state', version: '1', title: 'Task report' }
export const ADVICE_SHOWN = { formId: 'advice_shown', version: '1', title: 'Advice shown' }

/** Saves a report; `also` is what this phone changes with it, all or nothing. */
export async function report(
  form: typeof TASK_STATE,
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
  await finish(draft, form, title, (tx) => also(tx, draft.instanceId))
}

export function isReport(formId: string): boolean {
  return formId === TASK_STATE.formId || formId === ADVICE_SHOWN.formId
}
