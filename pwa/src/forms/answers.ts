/** Answers: what one record says, read through its form: what counts, what is missing or odd, its title, its facts in words.

The server's twin is server/beatbook/forms/answers.py; both pass every case of tests/cases/answers.json. A form may be newer than this
app: an expression it cannot read asks the question and lets the answer pass, for a record is never held up by our own fault. */

import type { Answers, Choice, Field, Form } from '../types.ts'
import { evaluate, holds, isBlank, isRow, moment, MOST_ROWS, own, valueOf, words } from './expressions.ts'
import type { Context, Lists, Path, Value } from './expressions.ts'
import { aboutName, isPicture, oddAbout, rowsAbout, type AboutRow } from './pictures.ts'

export type { Context } from './expressions.ts'

export interface Finding {
  /** Its path: 'police_ref', or 'people/0/name' in a repeat. */
  field: string
  code: 'required' | 'type' | 'choice' | 'range' | 'length' | 'constraint'
  message: string
}

export interface Fact {
  field: string
  label: string
  words: string
  kind: 'text' | 'number' | 'money' | 'date' | 'choice' | 'photo' | 'place' | 'other'
}

/** The answers that count: those to questions that are asked, with what is calculated. Keys unknown to the form stay. */
export function cleaned(form: Form, answers: Answers, context: Context): Answers {
  return settled(form, answers, context).answers
}

/** Every answer given, also to questions not asked at the moment (they may come back), with what is calculated. */
export function calculate(form: Form, answers: Answers, context: Context): Answers {
  return filled(form.fields, answers, cleaned(form, answers, context))
}

/** What a person should look at again, in the form's order. */
export function problemsOf(form: Form, answers: Answers, context: Context): Finding[] {
  const all = settled(form, answers, context)
  return all.asked.flatMap((asked) => findings(asked, all.context))
}

/** Every question that is asked, given the answers so far: 'police_ref', or 'people/0/name'. */
export function relevantPaths(form: Form, answers: Answers, context: Context): Set<string> {
  return new Set(settled(form, answers, context).asked.map((asked) => asked.path))
}

/** Whether a question must be answered now, for the mark beside its label. */
export function isRequired(form: Form, answers: Answers, path: string, context: Context): boolean {
  const all = settled(form, answers, context)
  const asked = all.asked.find((each) => each.path === path)
  return asked !== undefined && mustAnswer(asked.field, { ...all.context, path: asked.rows })
}

/** The record's own name, by the form's instanceName; the form's title when that says nothing. */
export function titleOf(form: Form, answers: Answers, context: Context): string {
  const expression = form.instanceName
  if (expression === undefined) return form.title
  const all = settled(form, answers, context)
  const named = words(attempt(() => evaluate(expression, all.context), ''))
  const oneLine = named.replace(/[\x00-\x20\x7f-\xa0\u2028\u2029]+/g, ' ')
  const withoutGaps = oneLine.replace(/(, )+/g, ', ').replace(/^[ ,;:-]+|[ ,;:-]+$/g, '') // what is not answered yet leaves nothing behind
  return shortened(withoutGaps, LONGEST_TITLE) || form.title
}

/** Every answer in the form's own words, in the form's order; then what the form does not know, as it was sent. */
export function factsOf(form: Form, answers: Answers, lists: Lists): Fact[] {
  return facts(form.fields, answers, lists, '', '')
}

/** One answer in words, also of a question that has no label; nothing when it was not given. */
export function wordsOf(field: Field, answers: Answers, lists: Lists): string {
  const raw = own(answers, field.name)
  if (isBlank(raw)) return ''
  return fits(field, raw) ? inWords(field, raw, lists) : asSent(raw)
}

/** The choices on offer, after choiceFilter. `context.path` says which row of a repeat is meant. */
export function choicesOf(field: Field, lists: Lists, answers: Answers, context: Context): Choice[] {
  return offered(field, options(field, lists), answers, context)
}

function offered(field: Field, among: Choice[], answers: Answers, context: Context): Choice[] {
  const filter = field.choiceFilter
  const all = among.filter((columns) => !isWithdrawn(columns, context))
  if (filter === undefined) return all
  const seen = context.homes ? { answers } : { answers: fromHere(answers, context.path ?? []), path: [] }
  return all.filter((columns) => attempt(() => holds(filter, { ...context, ...seen, columns }), true))
}

/** The answers a new record begins with; `last` holds what this device answered the time before. */
export function defaultsOf(form: Form, context: Context, last: Answers = {}): Answers {
  return begun(form.fields, context, last)
}

/** The answers a new row of a repeat begins with. */
export function newRow(repeat: Field, context: Context): Answers {
  return begun(repeat.fields ?? [], context, {})
}

/** What the next record of this form may begin with: the answers whose default is last(). */
export function lastOf(form: Form, answers: Answers): Answers {
  const kept = outsideRepeats(form.fields).filter((field) => field.default === LAST && own(answers, field.name) !== undefined)
  return Object.fromEntries(kept.map((field) => [field.name, own(answers, field.name)]))
}

/** Whether an answer is of its field's type; whether it is a good answer is for choices, min, max and constraint to say. */
export function fits(field: Field, raw: unknown): boolean {
  switch (field.type) {
    case 'text':
    case 'select_one':
      return typeof raw === 'string'
    case 'integer':
    case 'counter':
      return Number.isInteger(raw)
    case 'decimal':
      return Number.isFinite(raw)
    case 'date':
    case 'time':
    case 'dateTime':
      return typeof raw === 'string' && moment(raw)?.kind === field.type
    case 'select_multiple':
    case 'image':
    case 'signature':
    case 'drawing':
      return Array.isArray(raw) && raw.every((item) => typeof item === 'string')
    case 'sketch':
      return isRow(raw) && Array.isArray(raw['parts']) // the server looks at every part of it, see forms/sketch.py
    case 'geopoint':
      return isRow(raw) && isDegrees(raw['latitude'], 90) && isDegrees(raw['longitude'], 180)
    case 'repeat':
      return Array.isArray(raw) && raw.every(isRow)
    default:
      return typeof raw !== 'object'
  }
}

const LAST = 'last()' // as a default: what this device answered the time before
const LONGEST_TITLE = 120 // characters: two lines on a phone
const LONGEST_SHOWN = 500 // characters of an answer that no form explains
const MOST_WRONG = 3 // wrong choices of one answer that are named

// What a record begins with

function begun(fields: Field[], context: Context, last: Answers): Answers {
  const now = words(evaluate('now()', context))
  const clock: Record<string, string> = { date: now.slice(0, 10), time: now.slice(11, 16), dateTime: now }
  const given: Answers = {}
  for (const field of fields) {
    if (field.type === 'group') Object.assign(given, begun(field.fields ?? [], context, last))
    else if (field.type === 'repeat' && field.min && !field.appearance) {
      given[field.name] = Array.from({ length: field.min }, () => newRow(field, context))
    } else if (field.default === LAST) {
      const before = own(last, field.name)
      if (isStillGood(field, before, context)) given[field.name] = before
    } else if (field.default !== undefined) given[field.name] = own(clock, field.type) ?? field.default
  }
  return given
}

/** Whether an answer of an earlier record can be given again: its choice may have gone meanwhile. */
function isStillGood(field: Field, raw: unknown, context: Context): boolean {
  const lists = context.lists ?? {}
  if (isBlank(raw) || !fits(field, raw)) return false
  if (!field.choices && (field.from === undefined || own(lists, field.from) === undefined)) return true
  const offered = options(field, lists).filter((columns) => !isWithdrawn(columns, context)).map((option) => option.name)
  return (Array.isArray(raw) ? raw : [raw]).every((code) => offered.includes(code as string))
}

// What counts

interface Asked {
  field: Field
  path: string
  rows: Path
  answer: unknown
  /** What is said of each of its pictures. */
  about: AboutRow[]
}

interface Settled {
  answers: Answers
  asked: Asked[]
  context: Context
}

/** One page asks dozens of times about the same answers. */
let latest: { form: Form; answers: Answers; given: Context; settled: Settled } | null = null
const SAME_MOMENT = 250 // ms: within it a clock in an expression says the same

function settled(form: Form, answers: Answers, given: Context): Settled {
  if (latest && isSame(latest, form, answers, given)) return latest.settled
  latest = { form, answers, given, settled: settle(form, answers, given) }
  return latest.settled
}

/** Answers are never altered in place, so the same object says the same. */
function isSame(before: NonNullable<typeof latest>, form: Form, answers: Answers, given: Context): boolean {
  const { now, ...others } = given
  return (
    before.form === form &&
    before.answers === answers &&
    Object.keys(before.given).length === Object.keys(given).length &&
    Math.abs(now.getTime() - before.given.now.getTime()) < SAME_MOMENT &&
    Object.entries(others).every(([key, value]) => before.given[key as keyof Context] === value)
  )
}

/** Drop and calculate again until nothing changes: an answer that is dropped may make another question fall away. */
function settle(form: Form, answers: Answers, given: Context): Settled {
  const homes = homesOf(form.fields, [])
  const label = (name: string, code: string) => labelOf(fieldNamed(form.fields, name), code, given.lists ?? {})
  const context: Context = { ...given, homes, label, path: [] }
  let seen = answers
  let said = JSON.stringify(seen)
  let asked: Asked[] = []
  for (let links = Object.keys(homes).length + 2; links > 0; links -= 1) {
    asked = []
    const now = counted(form.fields, answers, { ...context, answers: seen }, '', asked)
    const says = JSON.stringify(now)
    if (says === said) break
    ;[seen, said] = [now, says]
  }
  return { answers: seen, asked, context: { ...context, answers: seen } }
}

function counted(fields: Field[], given: Answers, context: Context, prefix: string, asked: Asked[]): Answers {
  const known = new Set(namesHere(fields))
  const unknown = Object.entries(given).filter(([key]) => !known.has(key))
  return { ...askedHere(fields, given, context, prefix, asked), ...Object.fromEntries(unknown) }
}

function askedHere(fields: Field[], given: Answers, context: Context, prefix: string, asked: Asked[]): Answers {
  const here: Answers = {}
  for (const field of fields) {
    const { relevant, calculate } = field
    if (relevant !== undefined && !attempt(() => holds(relevant, context), true)) continue
    const path = prefix + field.name
    const sent = own(given, field.name)
    const raw = calculate === undefined ? sent : attempt(() => evaluate(calculate, { ...context, this: sent }), sent)
    const about = isPicture(field) ? rowsAbout(own(given, aboutName(field.name)), raw) : []
    asked.push({ field, path, rows: context.path ?? [], answer: raw, about })
    if (field.type === 'group') {
      Object.assign(here, askedHere(field.fields ?? [], given, context, prefix, asked))
    } else if (field.type === 'repeat' && Array.isArray(raw)) {
      const rows = raw.slice(0, MOST_ROWS).map((row: unknown, number) => countedRow(field, row, number, context, path, asked))
      if (raw.length > 0) here[field.name] = [...rows, ...(raw.slice(MOST_ROWS) as unknown[])]
    } else if (!isBlank(raw)) {
      here[field.name] = raw
      if (about.length > 0) here[aboutName(field.name)] = about
    }
  }
  return here
}

function countedRow(repeat: Field, row: unknown, number: number, context: Context, path: string, asked: Asked[]): unknown {
  if (!isRow(row)) return row
  const inside = { ...context, path: [...(context.path ?? []), repeat.name, number] }
  return counted(repeat.fields ?? [], row, inside, `${path}/${number}/`, asked)
}

function filled(fields: Field[], answers: Answers, counted: Answers): Answers {
  const all = { ...answers }
  for (const field of outsideRepeats(fields)) {
    const [raw, result] = [own(answers, field.name), own(counted, field.name)]
    if (field.type === 'calculate' && result === undefined) delete all[field.name]
    else if (field.type === 'calculate') all[field.name] = result
    else if (field.type === 'repeat' && Array.isArray(raw)) {
      const rows: unknown[] = Array.isArray(result) ? result : []
      all[field.name] = raw.map((row: unknown, at) => (isRow(row) ? filled(field.fields ?? [], row, (rows[at] ?? {}) as Answers) : row))
    }
  }
  return all
}

/** The keys of one record or row: groups only arrange the page, so what is in them stands beside the rest. */
function namesHere(fields: Field[]): string[] {
  return fields.flatMap((field) => {
    if (isPicture(field)) return [field.name, aboutName(field.name)]
    return [field.name, ...(field.type === 'group' ? namesHere(field.fields ?? []) : [])]
  })
}

/** What is seen from a row: names are unique, so its answers can lie over those around it. */
function fromHere(answers: Answers, [repeat, number, ...further]: Path): Answers {
  if (repeat === undefined) return answers
  const rows = own(answers, String(repeat))
  const row: unknown = Array.isArray(rows) ? rows[Number(number)] : undefined
  return isRow(row) ? { ...answers, ...fromHere(row, further) } : answers
}

function outsideRepeats(fields: Field[]): Field[] {
  return fields.flatMap((field) => [field, ...(field.type === 'group' ? outsideRepeats(field.fields ?? []) : [])])
}

function homesOf(fields: Field[], around: string[]): Record<string, string[]> {
  const homes: Record<string, string[]> = {}
  for (const field of fields) {
    homes[field.name] = around
    Object.assign(homes, homesOf(field.fields ?? [], field.type === 'repeat' ? [...around, field.name] : around))
  }
  return homes
}

function fieldNamed(fields: Field[], name: string): Field | undefined {
  for (const field of fields) {
    const found = field.name === name ? field : fieldNamed(field.fields ?? [], name)
    if (found) return found
  }
  return undefined
}

function attempt<T extends Value | unknown>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch {
    return otherwise
  }
}

// What is missing or odd

function findings({ field, path, rows, answer, about }: Asked, context: Context): Finding[] {
  if (field.type === 'note' || field.type === 'group' || field.type === 'calculate') return []
  const here = { ...context, path: rows, this: answer }
  const finding = (code: Finding['code'], message: string): Finding => ({ field: path, code, message })
  if (isBlank(answer)) {
    if (!mustAnswer(field, here)) return []
    return [finding('required', field.requiredMessage ?? `${own(REQUIRED, field.type) ?? 'Answer this'}: ${field.label}`)]
  }
  if (!fits(field, answer)) return [finding('type', `${own(WANTED, field.type)}: ${field.label}`)]
  const found = wrongChoices(field, answer, here).map((code) =>
    finding('choice', `“${shortened(words(valueOf(code)), 40)}” is not one of the choices: ${field.label}`),
  )
  if (isPicture(field)) found.push(...oddAbout(field, answer as string[], about).map(([code, message]) => finding(code, message)))
  const outOfRange = rangeWords(field, answer)
  if (outOfRange) found.push(finding('range', `${outOfRange}: ${field.label}`))
  const length = typeof answer === 'string' ? [...answer].length : 0
  if (field.maxLength !== undefined && length > field.maxLength) {
    found.push(finding('length', `Use ${field.maxLength} characters or fewer, this has ${length}: ${field.label}`))
  }
  const { constraint } = field
  if (constraint !== undefined && !attempt(() => holds(constraint, here), true)) {
    found.push(finding('constraint', field.constraintMessage ?? `Check this answer: ${field.label}`))
  }
  return found
}

const REQUIRED: Record<string, string> = {
  image: 'Add a photo',
  signature: 'Sign here',
  drawing: 'Draw this',
  sketch: 'Draw this',
  repeat: 'Add at least one',
}
const WANTED: Record<string, string> = {
  text: 'Write this in words',
  integer: 'Give a whole number',
  counter: 'Give a whole number',
  decimal: 'Give a number',
  date: 'Give a date',
  time: 'Give a time',
  dateTime: 'Give a date and time',
  select_one: 'Choose one',
  select_multiple: 'Choose from the list',
  image: 'Add a photo',
  signature: 'Sign here',
  drawing: 'Draw this',
  sketch: 'Draw this with the pens and stickers',
  geopoint: 'Give a place on the map',
  repeat: 'Add these one by one',
}
const AMONG: Record<string, string> = {
  image: 'photos',
  signature: 'signatures',
  drawing: 'drawings',
  select_multiple: 'choices',
  repeat: 'entries',
}

function mustAnswer(field: Field, context: Context): boolean {
  const { required } = field
  return typeof required === 'string' ? attempt(() => holds(required, context), false) : required === true
}

function wrongChoices(field: Field, answer: unknown, context: Context): unknown[] {
  if (field.type !== 'select_one' && field.type !== 'select_multiple') return []
  const lists = context.lists ?? {}
  if (field.from !== undefined && own(lists, field.from) === undefined) return [] // not on this phone, so it cannot say
  const given: unknown[] = Array.isArray(answer) ? answer : [answer]
  const named = options(field, lists).filter((choice) => given.includes(choice.name)) // of a long list few need a look
  const good = offered(field, named, context.answers ?? {}, context).map((choice) => choice.name)
  return given.filter((code) => !good.includes(code as string)).slice(0, MOST_WRONG)
}

function rangeWords(field: Field, answer: unknown): string {
  const least = field.min ?? -Infinity
  const most = Math.min(field.max ?? Infinity, field.type === 'repeat' ? MOST_ROWS : Infinity)
  const size = Array.isArray(answer) ? answer.length : typeof answer === 'number' ? answer : 0
  if (least <= size && size <= most) return ''
  const among = own(AMONG, field.type)
  if (among) return size < least ? `Add at least ${words(least)} ${among}` : `Keep to ${words(most)} ${among}`
  if (field.min === undefined) return `Give a number up to ${words(most)}`
  return `Give a number from ${words(least)} ${field.max === undefined ? 'up' : `to ${words(most)}`}`
}

// In words

function facts(fields: Field[], answers: Answers, lists: Lists, prefix: string, of: string): Fact[] {
  const known = new Set(namesHere(fields))
  const unknown = Object.entries(answers)
    .filter(([key, raw]) => !known.has(key) && !isBlank(raw))
    .map(([key, raw]): Fact => ({ field: prefix + key, label: of + shortened(key, 60), words: asSent(raw), kind: 'other' }))
  return [...fields.flatMap((field) => knownFacts(field, answers, lists, prefix, of)), ...unknown]
}

function knownFacts(field: Field, answers: Answers, lists: Lists, prefix: string, of: string): Fact[] {
  if (field.type === 'group') return (field.fields ?? []).flatMap((inner) => knownFacts(inner, answers, lists, prefix, of))
  const raw = own(answers, field.name)
  const path = prefix + field.name
  const label = of + field.label
  if (isBlank(raw) || !field.label || looks(field, 'working')) return [] // a step on the way to another answer
  if (!fits(field, raw)) return [{ field: path, label, words: asSent(raw), kind: 'other' }]
  if (field.type !== 'repeat') return [{ field: path, label, words: inWords(field, raw, lists), kind: kindOf(field) }]
  return rowFacts(field, (raw as Answers[]).slice(0, MOST_ROWS), lists, path, label)
}

/** Row by row. Those of a grid or of stops are called by what they are about, and what is fine is said in one. */
function rowFacts(repeat: Field, rows: Answers[], lists: Lists, path: string, label: string): Fact[] {
  const [which, ...others] = repeat.fields ?? []
  if (!which || !(looks(repeat, 'grid') || looks(repeat, 'stops')))
    return rows.flatMap((row, number) => facts(repeat.fields ?? [], row, lists, `${path}/${number}/`, `${label} ${number + 1}, `))
  const names = rows.map((row, number) => rowName(which, row, lists) || `${label} ${number + 1}`)
  const fine = names.filter((_, number) => isFine(repeat, rows[number]!))
  const said: Fact = { field: path, label: `${label}, ${others[0]?.choices?.[0]?.label}: ${fine.length}`, words: fine.join(', '), kind: 'choice' }
  const rest = rows.flatMap((row, number) => {
    if (isFine(repeat, row)) return []
    const { [which.name]: _, ...told } = row
    return facts(others, told, lists, `${path}/${number}/`, `${names[number]}, `)
  })
  return fine.length ? [said, ...rest] : rest
}

function rowName(which: Field, row: Answers, lists: Lists): string {
  const raw = own(row, which.name)
  return typeof raw === 'string' && !isBlank(raw) ? inWords(which, raw, lists) : ''
}

/** Nothing was said of it but that it is as the first choice says. */
function isFine(repeat: Field, row: Answers): boolean {
  const [which, how, ...others] = repeat.fields ?? []
  const good = how?.choices?.[0]?.name
  if (!which || !how || !looks(repeat, 'grid') || good === undefined || own(row, how.name) !== good) return false
  const known = new Set([which.name, how.name, ...others.filter(({ type }) => type === 'calculate').map(({ name }) => name)])
  return Object.keys(row).every((key) => known.has(key))
}

function kindOf(field: Field): Fact['kind'] {
  if (isMoney(field)) return 'money'
  if (field.choices && !isPicture(field)) return 'choice'
  switch (field.type) {
    case 'integer':
    case 'decimal':
    case 'counter':
      return 'number'
    case 'date':
    case 'time':
    case 'dateTime':
      return 'date'
    case 'select_one':
    case 'select_multiple':
      return 'choice'
    case 'image':
    case 'signature':
    case 'drawing':
      return 'photo'
    case 'geopoint':
      return 'place'
    default:
      return 'text'
  }
}

function inWords(field: Field, raw: unknown, lists: Lists): string {
  if (isMoney(field) && Number.isFinite(raw)) return pounds(raw as number)
  if ((field.choices && !isPicture(field)) || field.from !== undefined) {
    return (Array.isArray(raw) ? raw.slice(0, MOST_ROWS) : [raw]).map((code: unknown) => labelOf(field, words(valueOf(code)), lists)).join(', ')
  }
  if (typeof raw === 'boolean') return raw ? 'Yes' : 'No'
  if (field.type === 'sketch') return 'A drawing'
  if (isRow(raw)) return placeWords(raw)
  if (Array.isArray(raw)) {
    const what = field.type === 'signature' || field.type === 'drawing' ? field.type : 'photo'
    return `${raw.length} ${what}${raw.length === 1 ? '' : 's'}`
  }
  const text = words(valueOf(raw))
  const isTime = field.type === 'date' || field.type === 'time' || field.type === 'dateTime' || looks(field, 'day')
  return isTime ? whenWords(text) : text
}

function whenWords(text: string): string {
  const when = moment(text)
  if (!when) return text
  const wall = new Date(when.wall)
  const clock = wall.toISOString().slice(11, 16)
  if (when.kind === 'time') return clock
  const date = `${DAYS[wall.getUTCDay()]} ${wall.getUTCDate()} ${MONTHS[wall.getUTCMonth()]} ${wall.getUTCFullYear()}`
  return when.kind === 'date' ? date : `${date} ${clock}`
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function isMoney(field: Field): boolean {
  return looks(field, 'money')
}

function looks(field: Field, word: string): boolean {
  return (field.appearance ?? '').split(' ').includes(word)
}

function pounds(amount: number): string {
  const pence = Math.abs(amount) < 1e12 ? Math.floor(Math.abs(amount) * 100 + 0.5) : 0
  if (pence === 0 && amount !== 0) return words(amount) // too much, or too little, to be money
  const whole = String(Math.floor(pence / 100)).replace(/\B(?=(\d{3})+$)/g, ',')
  return `${amount < 0 ? '-' : ''}£${whole}${pence % 100 ? `.${String(pence % 100).padStart(2, '0')}` : ''}`
}

function placeWords(raw: Record<string, unknown>): string {
  const position = `${Number(raw['latitude']).toFixed(5)}, ${Number(raw['longitude']).toFixed(5)}`
  return Number.isFinite(raw['accuracy']) ? `${position} (about ${Number(raw['accuracy']).toFixed(0)} m)` : position
}

function labelOf(field: Field | undefined, code: string, lists: Lists): string {
  return (field && options(field, lists).find((option) => option.name === code)?.label) ?? code
}

/** A row of a list that was given up before this record was captured: it can be read, but no longer chosen. */
function isWithdrawn(columns: Choice, context: Context): boolean {
  return !isBlank(columns['withdrawn']) && !attempt(() => holds('now() < withdrawn', { ...context, columns }), true)
}

function options(field: Field, lists: Lists): Choice[] {
  if (field.choices) return field.choices
  const rows = field.from === undefined ? undefined : own(lists, field.from)
  return rows ? choicesIn(rows) : []
}

const choicesMade = new WeakMap<Lists[string], Choice[]>() // a list is read once, and asked about for each of its rows

function choicesIn(rows: Lists[string]): Choice[] {
  const known = choicesMade.get(rows)
  if (known) return known
  const made = rows.map((row) => ({ ...row, name: words(valueOf(row['name'])), label: words(valueOf(row['label'])) }))
  choicesMade.set(rows, made)
  return made
}

function asSent(raw: unknown): string {
  return shortened(typeof raw === 'object' ? JSON.stringify(raw) : words(valueOf(raw)), LONGEST_SHOWN)
}

function shortened(text: string, longest: number): string {
  const letters = [...text]
  return letters.length <= longest ? text : `${letters.slice(0, longest - 1).join('')}…`
}

function isDegrees(raw: unknown, most: number): boolean {
  return Number.isFinite(raw) && Math.abs(raw as number) <= most
}
