/** What a form's rules say about the answers so far: what is shown, what must be answered, what is wrong. */
import { withAnswer, type Path } from '../fields/sheet.ts'
import {
  calculate,
  choicesOf,
  cleaned,
  defaultsOf,
  isRequired,
  newRow,
  problemsOf,
  relevantPaths,
  titleOf,
  wordsOf,
  type Context,
  type Finding,
} from '../forms/answers.ts'
import { evaluate, holds, words } from '../forms/expressions.ts'
import { settingsIn } from '../forms/settings.ts'
import { form as formOf, list, settings, ownRows } from '../store/index.ts'
import type { Answers, Choice, Draft, Field, Form } from '../types.ts'

export interface Rules {
  /** What a new record begins with, and a new row of one of its repeats. */
  begun: (last: Answers) => Answers
  newRow: (repeat: Field) => Answers
  /** Asked once for a whole page: each question then only looks itself up. */
  shown: (answers: Answers) => (path: Path) => boolean
  isRequired: (field: Field, answers: Answers, path: Path) => boolean
  choicesOf: (field: Field, answers: Answers, path: Path) => Choice[]
  findings: (answers: Answers) => Finding[]
  calculated: (answers: Answers) => Answers
  cleaned: (answers: Answers) => Answers
  /** The answers with this place in every question that asks for one. */
  placed: (answers: Answers, place: object) => Answers
  /** The questions that ask for the place of the whole record. */
  placeNames: string[]
  titleOf: (answers: Answers) => string
  /** Whether an expression of the form holds, and what it says. */
  isSo: (expression: string, answers: Answers) => boolean
  says: (expression: string, answers: Answers) => string
  labelOf: (name: string) => string
  /** One answer in words. */
  wordsOf: (name: string, answers: Answers) => string
  /** The answers with each drafted text following the others, as long as nobody has written it otherwise. */
  drafted: (before: Answers, after: Answers) => Answers
  /** What would be wrong with this answer, or ''. */
  wrongWith: (answers: Answers, path: Path, value: unknown) => string
}

/** The list that holds this phone's earlier records of a form, newest first. */
const OWN = 'own'

type Lists = Record<string, Record<string, string>[]>

export async function rulesFor(form: Form): Promise<Rules> {
  const [lists, rows] = await Promise.all([listsOf(form), settings()])
  const setting = settingsIn(rows)
  const fields = everyField(form.fields)
  const context = (): Context => ({ now: new Date(), lists, setting })
  return {
    begun: (last) => defaultsOf(form, context(), last),
    newRow: (repeat) => newRow(repeat, context()),
    shown: (answers) => {
      const paths = relevantPaths(form, answers, context())
      return (path) => paths.has(path)
    },
    isRequired: (field, answers, path) =>
      typeof field.required === 'string' ? isRequired(form, answers, path, context()) : field.required === true,
    choicesOf: (field, answers, path) => choicesOf(field, lists, answers, { ...context(), path: rowOf(path) }),
    findings: (answers) => problemsOf(form, answers, context()),
    calculated: (answers) => calculate(form, answers, context()),
    cleaned: (answers) => cleaned(form, answers, context()),
    placed: (answers, place) => ({
      ...answers,
      ...Object.fromEntries(placeNames(form.fields).map((name) => [name, place])),
    }),
    placeNames: placeNames(form.fields),
    titleOf: (answers) => titleOf(form, answers, context()),
    isSo: (expression, answers) => holds(expression, { ...context(), answers: cleaned(form, answers, context()) }),
    says,
    labelOf: (name) => fields.find((field) => field.name === name)?.label ?? name,
    wordsOf: (name, answers) => {
      const field = fields.find((each) => each.name === name)
      return field ? wordsOf(field, answers, lists) : ''
    },
    drafted: (before, after) => {
      if (!fields.some((field) => field.drafted)) return after
      const next = { ...after }
      for (const { name, drafted } of fields) {
        if (!drafted) continue
        const written = after[name] ?? ''
        if (written === '' || written === says(drafted, before)) next[name] = says(drafted, after)
      }
      return next
    },
    wrongWith: (answers, path, value) => {
      const wanted = calculate(form, withAnswer(answers, path, value), context())
      return problemsOf(form, wanted, context()).find((finding) => finding.field === path)?.message ?? ''
    },
  }
  function says(expression: string, answers: Answers): string {
    return words(evaluate(expression, { ...context(), answers: cleaned(form, answers, context()), label: labelled }))
  }
  function labelled(name: string, code: string): string {
    const field = fields.find((each) => each.name === name)
    return field ? wordsOf(field, { [name]: code }, lists) : code
  }
}

/** A draft's title as its answers stand, or the form's name while they say nothing. */
export async function titleOfDraft(draft: Draft): Promise<string> {
  const form = await formOf(draft.formId, draft.formVersion)
  const title = form && (await rulesFor(form)).titleOf(draft.answers)
  return title?.replace(/(, )+/g, ', ') ?? 'Unfinished record' // unanswered, there is nothing between the commas
}

/** The lists that the form needs and that have reached this phone. */
export async function listsOf(form: Form): Promise<Lists> {
  const names = form.lists ?? [...new Set(everyField(form.fields).flatMap((field) => field.from ?? []))] // an older server names none
  const all = await Promise.all(names.map(async (name) => [name, await list(name)] as const))
  const own = names.includes(OWN) ? [[OWN, await ownRows(form.formId)] as const] : []
  return Object.fromEntries([...all.filter(([, rows]) => rows.length > 0), ...own])
}

export function everyField(fields: Field[]): Field[] {
  return fields.flatMap((field) => [field, ...everyField(field.fields ?? [])])
}

/** Questions inside a repeat are about several places, so the phone's own place answers none of them. */
function placeNames(fields: Field[]): string[] {
  return fields.flatMap((field) => {
    if (field.type === 'group') return placeNames(field.fields ?? [])
    return field.type === 'geopoint' ? [field.name] : []
  })
}

/** The row a question stands in: 'people/0/name' is in ['people', 0]. */
function rowOf(path: Path): (string | number)[] {
  return path
    .split('/')
    .slice(0, -1)
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step))
}
