/** The expressions of a form (`relevant`, `constraint`, `calculate` …): a named subset of XLSForm's, read once, evaluated often.

The server's twin is server/beatbook/forms/expressions.py, which also says where we differ from ODK; both pass every case of
tests/cases/expressions.json. The server refuses a form with a wrong expression, so here only the place of an error is told. */

export type Value = string | number | boolean | string[]
export type Path = (string | number)[]
export type Lists = Record<string, Record<string, unknown>[]>

/** What an expression can see. `now` is an argument everywhere, so that time is a plain value in tests. */
export interface Context {
  now: Date
  answers?: Record<string, unknown>
  /** `.`, the answer being checked. */
  this?: unknown
  /** The value of a setting in force on a date (YYYY-MM-DD). */
  setting?: (key: string, on: string) => unknown
  /** The record's date, when it is not today's. */
  on?: string
  lists?: Lists
  /** The rows we stand in: ['people', 0, 'bags', 2]. */
  path?: Path
  /** The repeats around each name; none if not listed. */
  homes?: Record<string, string[]>
  /** The choice that a choiceFilter looks at. */
  columns?: Record<string, unknown>
  /** The words of a choice: label('kind', 'throw_up'). */
  label?: (name: string, code: string) => string
}

export class ExpressionError extends Error {
  readonly column: number

  constructor(message: string, column: number) {
    super(message)
    this.column = column
  }
}

/** Errors: ExpressionError when the text is outside the subset; never because of the answers. */
export function evaluate(expression: string, context: Context): Value {
  const value = parse(expression)(context)
  if (typeof value !== 'number') return value
  return Number.isFinite(value) ? value + 0 : ''
}

export function holds(expression: string, context: Context): boolean {
  return truth(parse(expression)(context))
}

/** Not answered: nothing, only spaces, an empty list. */
export function isBlank(raw: unknown): boolean {
  if (typeof raw === 'string') return /^[ \t\r\n\u00a0]*$/.test(raw)
  return raw === null || raw === undefined || (Array.isArray(raw) && raw.length === 0)
}

/** Any JSON value as an answer: null is '', a map position 'latitude longitude', other objects ''. */
export function valueOf(raw: unknown): Value {
  if (typeof raw === 'string' || typeof raw === 'boolean' || typeof raw === 'number') return raw
  if (Array.isArray(raw)) return raw.filter((item) => !Array.isArray(item)).map((item) => words(valueOf(item)))
  if (isRow(raw)) {
    const position = [raw['latitude'], raw['longitude']]
    if (position.every((part) => typeof part === 'number')) return position.map((part) => words(part as number)).join(' ')
  }
  return ''
}

/** A value as text: no exponents, what is not a number is ''. */
export function words(value: Value): string {
  if (typeof value === 'number') return Number.isFinite(value) ? withoutExponent(String(value)) : ''
  return Array.isArray(value) ? value.join(' ') : String(value)
}

/** A value as a number; dates count in days since 1970, so that `today() - ${seen_on}` is a number of days. */
export function number(value: Value): number {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  const text = trimmed(words(value))
  if (NUMERAL.test(text)) return Number(text)
  const when = moment(text)
  return when && when.kind !== 'time' ? when.wall / DAY : NaN
}

/** XPath's boolean(): a text is true when there is any, a number when it is neither 0 nor missing. */
export function truth(value: Value): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value)
}

interface Moment {
  kind: 'date' | 'time' | 'dateTime'
  /** Milliseconds on London's clocks since 1970-01-01 00:00, for a time since midnight. */
  wall: number
  /** Milliseconds since 1970 in the world, when the text says its offset. */
  instant: number | null
}

/** An ISO date, time or date and time; null for anything else, also for 30 February. */
export function moment(text: string): Moment | null {
  const clock = TIME.exec(text)
  if (clock) return { kind: 'time', wall: clockTime(clock[1], clock[2], clock[3]), instant: null }
  const found = DATE.exec(text)
  if (!found) return null
  const [, year, month, day, hour, minute, second, fraction, offset] = found
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day))
  if (new Date(midnight).toISOString().slice(0, 10) !== `${year}-${month}-${day}`) return null
  if (hour === undefined) return { kind: 'date', wall: midnight, instant: null }
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 59) return null
  const local = midnight + clockTime(hour, minute, second) + Number((fraction ?? '0').padEnd(3, '0').slice(0, 3))
  if (!offset) return { kind: 'dateTime', wall: local, instant: null }
  const ahead = offsetOf(offset)
  if (ahead === null) return null
  return { kind: 'dateTime', wall: onLondonClocks(local - ahead), instant: local - ahead }
}

/** A moment on the clocks of this council, as milliseconds since 1970-01-01 00:00 on those clocks. */
function onLondonClocks(instant: number): number {
  const parts: Record<string, number> = {}
  for (const { type, value } of londonClock.formatToParts(instant)) parts[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  const milliseconds = ((instant % 1000) + 1000) % 1000
  return Date.UTC(year, month - 1, day, hour, minute, second, milliseconds)
}

export function isRow(raw: unknown): raw is Record<string, unknown> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw)
}

const NUMERAL = /^-?([0-9]+(\.[0-9]*)?|\.[0-9]+)$/
const TIME = /^([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?$/
// Years 1900 to 9989: what a council can mean, and what Python and JavaScript count alike.
const DATE =
  /^(19[0-9]{2}|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9])-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?$/
const DAY = 24 * 60 * 60 * 1000
const EARLIEST = Date.UTC(1900, 0, 1)
const LATEST = Date.UTC(9989, 11, 31)
/** Of one repeat; a row of beach huts has 120. What lies beyond is kept but not looked at. */
export const MOST_ROWS = 500
const MOST_DAYS = 366 // that hours-after() and working-days-after() count
const LONGEST_MATCHED = 300 // characters; regex() is for references and postcodes, and must never take long

const londonClock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
})

function clockTime(hour = '0', minute = '0', second = '0'): number {
  return ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000
}

function offsetOf(text: string): number | null {
  if (text === 'Z') return 0
  const hours = Number(text.slice(1, 3))
  const minutes = Number(text.slice(4, 6))
  if (hours > 23 || minutes > 59) return null
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

function nowWords(context: Context): string {
  return londonWords(context.now.getTime())
}

function londonWords(instant: number, wall = onLondonClocks(instant)): string {
  const ahead = Math.round((wall - instant) / 60_000)
  const pad = (part: number) => String(Math.floor(part)).padStart(2, '0')
  return `${new Date(wall).toISOString().slice(0, 19)}${ahead < 0 ? '-' : '+'}${pad(Math.abs(ahead) / 60)}:${pad(Math.abs(ahead) % 60)}`
}

function trimmed(text: string): string {
  return text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
}

function withoutExponent(text: string): string {
  const [, sign = '', whole = '', fraction = '', power] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text) ?? []
  if (power === undefined) return text
  const shift = Number(power)
  if (shift < 0) return `${sign}0.${'0'.repeat(-shift - 1)}${whole}${fraction}`
  return sign + (whole + fraction).padEnd(shift + 1, '0')
}

// What can be seen

function answer(context: Context, name: string): Value {
  return valueOf(reach(context, name)[0])
}

/** Every answer to `name` that can be seen from here: one per row, one per photo, one per row of a repeat. */
function allAnswers(context: Context, name: string): unknown[] {
  return reach(context, name)
    .flatMap((raw) => (Array.isArray(raw) ? (raw as unknown[]) : [raw]))
    .filter((item) => !isBlank(item))
}

function reach(context: Context, name: string): unknown[] {
  const path = context.path ?? []
  const home = own(context.homes, name) ?? []
  let scopes = [context.answers ?? {}]
  home.forEach((repeat, depth) => {
    const ours = path[2 * depth] === repeat ? Number(path[2 * depth + 1]) : null // names are unique, so the rows around it are ours too
    scopes = scopes.flatMap((scope) => rows(scope, repeat, ours))
  })
  return scopes.map((scope) => own(scope, name))
}

function rows(scope: Record<string, unknown>, repeat: string, index: number | null): Record<string, unknown>[] {
  const all = own(scope, repeat)
  if (!Array.isArray(all)) return []
  const [from, to] = index === null ? [0, MOST_ROWS] : [index, index + 1]
  return all.slice(from, to).map((row) => (isRow(row) ? row : {}))
}

/** An own property: an answer called 'constructor' is not found where nobody gave it. */
export function own<T>(record: Record<string, T> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined
}

// Comparing

function equal(left: Value, right: Value): boolean {
  if (typeof left === 'boolean' || typeof right === 'boolean') return yes(left) === yes(right)
  const when = moments(left, right)
  if (when) return when[0] === when[1]
  if (typeof left === 'number' || typeof right === 'number' || (isNumeral(left) && isNumeral(right))) {
    return number(left) === number(right)
  }
  return words(left) === words(right)
}

function less(left: Value, right: Value): boolean {
  const when = moments(left, right)
  return when ? when[0] < when[1] : number(left) < number(right)
}

function lessOrEqual(left: Value, right: Value): boolean {
  const when = moments(left, right)
  return when ? when[0] <= when[1] : number(left) <= number(right)
}

function yes(value: Value): boolean {
  return value !== 'false' && truth(value)
}

function isNumeral(value: Value): boolean {
  return NUMERAL.test(trimmed(words(value)))
}

function moments(left: Value, right: Value): [number, number] | null {
  if (typeof left !== 'string' || typeof right !== 'string') return null
  const one = moment(left)
  const other = moment(right)
  if (!one || !other || (one.kind === 'time') !== (other.kind === 'time')) return null
  if (one.kind !== other.kind) return [Math.floor(one.wall / DAY), Math.floor(other.wall / DAY)]
  if (one.instant !== null && other.instant !== null) return [one.instant, other.instant]
  return [one.wall, other.wall]
}

// Arithmetic and functions

const ARITHMETIC: Record<string, (left: number, right: number) => number> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  div: (left, right) => left / right,
  mod: (left, right) => left % right,
}

/** Half goes up. Shifting the decimal point in the text avoids 1.005 * 100 = 100.49999999999999. */
function round(value: number, places: number): number {
  if (!Number.isFinite(value)) return value
  const digits = Number.isFinite(places) ? Math.max(-15, Math.min(15, Math.trunc(places))) : 0
  const moved = shifted(value, digits)
  return Number.isFinite(moved) ? shifted(Math.floor(moved + 0.5), -digits) : value
}

function shifted(value: number, digits: number): number {
  const [mantissa, exponent = '0'] = String(value).split('e')
  return Number(`${mantissa}e${Number(exponent) + digits}`)
}

function chosen(value: Value): string[] {
  return Array.isArray(value) ? value : (words(value).match(/[^ \t\r\n]+/g) ?? [])
}

function matches(text: string, pattern: string): boolean {
  return [...text].length <= LONGEST_MATCHED && new RegExp(`^(?:${pattern})$`, 'u').test(text)
}

function dateOf(days: number): string {
  const time = Math.floor(days) * DAY
  return Number.isFinite(days) && EARLIEST <= time && time <= LATEST ? new Date(time).toISOString().slice(0, 10) : ''
}

/** Digits only: %Y %m %d %H %M. Names of days and months are for the screens, which know whose they are. */
function formatted(text: string, pattern: string): string {
  const when = moment(text)
  if (!when || when.kind === 'time') return ''
  const clock = new Date(when.wall).toISOString()
  const parts: Record<string, string> = { Y: clock.slice(0, 4), m: clock.slice(5, 7), d: clock.slice(8, 10), H: clock.slice(11, 13), M: clock.slice(14, 16) }
  return pattern.replace(/%([YmdHM])/g, (_, part: string) => parts[part] ?? '')
}

type Node = (context: Context) => Value
type Call = (args: Node[], context: Context) => Value

const arg = (args: Node[], at: number, context: Context): Value => args[at]?.(context) ?? ''

/** Fewest and most arguments, and what to do. Arguments come unevaluated: if() and coalesce() must not look at every one. */
const FUNCTIONS: Record<string, [number, number, Call]> = {
  not: [1, 1, (args, context) => !truth(arg(args, 0, context))],
  if: [3, 3, (args, context) => arg(args, truth(arg(args, 0, context)) ? 1 : 2, context)],
  coalesce: [1, 99, coalesce],
  selected: [2, 2, (args, context) => chosen(arg(args, 0, context)).includes(words(arg(args, 1, context)))],
  'count-selected': [1, 1, (args, context) => chosen(arg(args, 0, context)).length],
  'string-length': [1, 1, (args, context) => [...words(arg(args, 0, context))].length],
  regex: [2, 2, (args, context) => matches(words(arg(args, 0, context)), words(arg(args, 1, context)))],
  today: [0, 0, (_, context) => nowWords(context).slice(0, 10)],
  now: [0, 0, (_, context) => nowWords(context)],
  date: [1, 1, (args, context) => dateOf(number(arg(args, 0, context)))],
  'format-date': [2, 2, (args, context) => formatted(words(arg(args, 0, context)), words(arg(args, 1, context)))],
  int: [1, 1, (args, context) => Math.trunc(number(arg(args, 0, context)))],
  round: [1, 2, (args, context) => round(number(arg(args, 0, context)), args[1] ? number(arg(args, 1, context)) : 0)],
  concat: [1, 99, (args, context) => args.map((node) => words(node(context))).join('')],
  setting: [1, 1, (args, context) => valueOf(context.setting?.(words(arg(args, 0, context)), context.on ?? nowWords(context).slice(0, 10)))],
  'jr:choice-name': [2, 2, choiceName],
  pulldata: [4, 4, pulldata],
  once: [1, 1, (args, context) => (isBlank(context.this) ? arg(args, 0, context) : valueOf(context.this))],
  'hours-after': [2, 2, hoursAfter],
  'working-days-after': [2, 2, workingDaysAfter],
}
const OVER_ALL: Record<string, (items: unknown[]) => number> = {
  count: (items) => items.length,
  sum: (items) => items.reduce<number>((total, item) => total + number(valueOf(item)), 0),
}

function coalesce(args: Node[], context: Context): Value {
  for (const node of args) {
    const value = node(context)
    if (!isBlank(words(value))) return value
  }
  return ''
}

function choiceName(args: Node[], context: Context): Value {
  const code = words(arg(args, 0, context))
  const name = words(arg(args, 1, context)).slice(2, -1)
  return context.label && code ? context.label(name, code) : code
}

function pulldata(args: Node[], context: Context): Value {
  const [name, column, key, value] = [0, 1, 2, 3].map((at) => words(arg(args, at, context))) as [string, string, string, string]
  const rows = value ? (own(context.lists, name) ?? []) : []
  const row = rows.find((each) => words(valueOf(own(each, key))) === value)
  return valueOf(own(row, column))
}

function hoursAfter(args: Node[], context: Context): Value {
  const when = moment(words(arg(args, 0, context)))
  const hours = number(arg(args, 1, context))
  if (when?.kind !== 'dateTime' || !(Math.abs(hours) <= MOST_DAYS * 24)) return ''
  const instant = when.instant ?? instantOf(when.wall)
  return londonWords(instant + Math.round(hours * 60) * 60_000)
}

/** Monday to Friday and no bank holiday; a date stays a date, a date and time keeps its time of day. */
function workingDaysAfter(args: Node[], context: Context): Value {
  const when = moment(words(arg(args, 0, context)))
  const days = number(arg(args, 1, context))
  if (when === null || when.kind === 'time' || !(0 <= days && days <= MOST_DAYS)) return ''
  const holidays = new Set((own(context.lists, 'bank_holidays') ?? []).map((row) => words(valueOf(row['name']))))
  let wall = when.wall
  for (let left = Math.trunc(days); left > 0; ) {
    wall += DAY
    const date = new Date(wall)
    const isWorkingDay = date.getUTCDay() % 6 !== 0 && !holidays.has(date.toISOString().slice(0, 10))
    if (isWorkingDay) left -= 1
  }
  return when.kind === 'date' ? new Date(wall).toISOString().slice(0, 10) : londonWords(instantOf(wall), wall)
}

/** The moment at which London's clocks show this; the first of two, where they go back. */
function instantOf(wall: number): number {
  const inSummer = wall - 3_600_000
  return onLondonClocks(inSummer) === wall ? inSummer : wall
}

// Reading

interface Token {
  kind: 'ref' | 'string' | 'number' | 'name' | 'sign' | 'end'
  text: string
  column: number
}

const TOKEN =
  /(?<space>[ \t\r\n\u00a0]+)|(?<ref>\$\{ *[A-Za-z_][A-Za-z0-9_.-]* *\})|(?<string>'[^']*'|"[^"]*")|(?<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)|(?<name>[A-Za-z_][A-Za-z0-9_-]*(?::[A-Za-z_][A-Za-z0-9_-]*)?)|(?<sign>!=|<=|>=|[=<>+*(),.-])/uy
const LEVELS = [['or'], ['and'], ['=', '!='], ['<', '<=', '>', '>='], ['+', '-'], ['*', 'div', 'mod']]
const MOST_TOKENS = 400
const DEEPEST = 40

const parsed = new Map<string, Node>()

export function parse(text: string): Node {
  let node = parsed.get(text)
  if (!node) parsed.set(text, (node = new Reader(text).expression()))
  return node
}

/** Turns text into one function of a Context, by descending through the levels of precedence. */
class Reader {
  private readonly tokens: Token[]
  private at = 0
  private depth = 0

  constructor(text: string) {
    this.tokens = tokensOf(text)
  }

  expression(): Node {
    const node = this.level(0)
    if (this.next.kind !== 'end') throw new ExpressionError(`unexpected ${this.next.text}`, this.next.column)
    return node
  }

  private get next(): Token {
    return this.tokens[this.at] as Token
  }

  private take(...texts: string[]): Token | null {
    const token = this.next
    if ((token.kind !== 'sign' && token.kind !== 'name') || !texts.includes(token.text)) return null
    this.at += 1
    return token
  }

  private level(level: number): Node {
    const signs = LEVELS[level]
    if (!signs) return this.negative()
    let node = this.level(level + 1)
    for (let token = this.take(...signs); token; token = this.take(...signs)) {
      node = operation(token.text, node, this.level(level + 1))
    }
    return node
  }

  private negative(): Node {
    let factor = 1
    let minus = false
    while (this.take('-')) [factor, minus] = [-factor, true]
    const node = this.operand()
    return minus ? (context) => factor * number(node(context)) : node
  }

  private operand(): Node {
    const token = this.next
    this.at += 1
    if (token.kind === 'ref') {
      const name = nameIn(token)
      return (context) => answer(context, name)
    }
    if (token.kind === 'string') return () => token.text.slice(1, -1)
    if (token.kind === 'number') return () => Number(token.text)
    if (token.kind === 'name') return this.take('(') ? this.call(token) : (context) => valueOf(own(context.columns, token.text))
    if (token.text === '.') return (context) => valueOf(context.this)
    if (token.text === '(' && token.kind === 'sign') return this.inside(token, () => this.level(0))
    throw new ExpressionError(`a value is missing before ${token.text}`, token.column)
  }

  private call(token: Token): Node {
    const overAll = own(OVER_ALL, token.text)
    if (overAll) return this.inside(token, () => this.overAll(token.text, overAll))
    const known = own(FUNCTIONS, token.text)
    if (!known) throw new ExpressionError(`unknown function ${token.text}()`, token.column)
    const args = this.inside(token, () => this.arguments())
    const [fewest, most, call] = known
    if (args.length < fewest || args.length > most) {
      const wants = fewest === most ? fewest : `${fewest} or more`
      throw new ExpressionError(`${token.text}() takes ${wants} in its brackets, not ${args.length}`, token.column)
    }
    return (context) => call(args, context)
  }

  private arguments(): Node[] {
    if (this.next.kind === 'sign' && this.next.text === ')') return []
    const args = [this.level(0)]
    while (this.take(',')) args.push(this.level(0))
    return args
  }

  private overAll(name: string, compute: (items: unknown[]) => number): Node {
    const token = this.next
    if (token.kind !== 'ref') throw new ExpressionError(`${name}() takes one \${name}`, token.column)
    this.at += 1
    const all = nameIn(token)
    return (context) => compute(allAnswers(context, all))
  }

  private inside<T>(opening: Token, read: () => T): T {
    this.depth += 1
    if (this.depth > DEEPEST) throw new ExpressionError('brackets within brackets too deep', opening.column)
    const result = read()
    if (!this.take(')')) throw new ExpressionError('a closing bracket is missing', this.next.column)
    this.depth -= 1
    return result
  }
}

function nameIn(token: Token): string {
  return token.text.slice(2, -1).trim()
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex
    const found = TOKEN.exec(text)
    const column = [...text.slice(0, at)].length + 1
    if (!found) throw new ExpressionError(`unexpected ${[...text.slice(at)][0]}`, column)
    const kind = Object.keys(found.groups ?? {}).find((name) => found.groups?.[name] !== undefined)
    if (kind !== 'space') tokens.push({ kind: kind as Token['kind'], text: found[0], column })
  }
  if (tokens.length === 0) throw new ExpressionError('the expression is empty', 1)
  if (tokens.length > MOST_TOKENS) throw new ExpressionError('the expression is too long', tokens[MOST_TOKENS]?.column ?? 0)
  return [...tokens, { kind: 'end', text: 'the end', column: [...text].length + 1 }]
}

function operation(sign: string, left: Node, right: Node): Node {
  switch (sign) {
    case 'or':
      return (context) => truth(left(context)) || truth(right(context))
    case 'and':
      return (context) => truth(left(context)) && truth(right(context))
    case '=':
      return (context) => equal(left(context), right(context))
    case '!=':
      return (context) => !equal(left(context), right(context))
    case '<':
      return (context) => less(left(context), right(context))
    case '<=':
      return (context) => lessOrEqual(left(context), right(context))
    case '>':
      return (context) => less(right(context), left(context))
    case '>=':
      return (context) => lessOrEqual(right(context), left(context))
  }
  const compute = ARITHMETIC[sign] as (left: number, right: number) => number
  return (context) => compute(number(left(context)), number(right(context)))
}
