/** What a form's rules say about the answers so far: what is shown, what must be answered, what is wrong. */
import type { Path } from '../fields/sheet.ts'
import { calculate, cleaned, isRelevant, problemsOf, titleOf } from '../forms/answers.ts'
import { holds, type Context, type Lists } from '../forms/expressions.ts'
import { form as formOf, list } from '../store/index.ts'
import type { Answers, Choice, Draft, Field, Form } from '../types.ts'

export interface Rules {
  isShown: (answers: Answers, path: Path) => boolean
  isRequired: (field: Field, answers: Answers, path: Path) => boolean
  choicesOf: (field: Field, answers: Answers, path: Path) => Choice[]
  problemsOf: (answers: Answers) => Record<Path, string>
  calculated: (answers: Answers) => Answers
  cleaned: (answers: Answers) => Answers
  titleOf: (answers: Answers) => string
}

export async function rulesFor(form: Form): Promise<Rules> {
  const lists = (await listsOf(form)) as Lists
  const context = (): Context => ({ now: new Date(), lists })
  return {
    isShown: (answers, path) => isRelevant(form, answers, steps(path), context()),
    isRequired: (field, answers, path) => isRequired(field, { ...context(), answers, path: steps(path).slice(0, -1) }),
    choicesOf: (field, answers, path) => choicesOf(field, lists, { ...context(), answers, path: steps(path).slice(0, -1) }),
    problemsOf: (answers) => Object.fromEntries(problemsOf(form, answers, context()).map(({ field, message }) => [field, message]).reverse()),
    calculated: (answers) => calculate(form, answers, context()),
    cleaned: (answers) => cleaned(form, answers, context()),
    titleOf: (answers) => titleOf(form, answers, context()) || form.title,
  }
}

/** A draft's title as its answers stand, or the form's name while they say nothing. */
export async function titleOfDraft(draft: Draft): Promise<string> {
  const form = await formOf(draft.formId, draft.formVersion)
  return form ? (await rulesFor(form)).titleOf(draft.answers) : 'Unfinished record'
}

/** The lists the form's questions choose from, by name. */
export async function listsOf(form: Form): Promise<Record<string, Choice[]>> {
  const names = [...new Set(everyField(form.fields).flatMap((field) => field.from ?? []))]
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, (await list(name)) as unknown as Choice[]])))
}

function isRequired(field: Field, context: Context): boolean {
  return typeof field.required === 'string' ? holds(field.required, context) : field.required === true
}

function choicesOf(field: Field, lists: Lists, context: Context): Choice[] {
  const all = field.choices ?? ((lists[field.from ?? ''] ?? []) as Choice[])
  const filter = field.choiceFilter
  return filter ? all.filter((columns) => holds(filter, { ...context, columns })) : all
}

function everyField(fields: Field[]): Field[] {
  return fields.flatMap((field) => [field, ...everyField(field.fields ?? [])])
}

/** 'people.0.name' is ['people', 0, 'name'] to the form engine. */
function steps(path: Path): (string | number)[] {
  return path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step))
}
