/** The cases of tests/cases, read by the phone's half of the form engine. The server's half reads the same ones in tests/server. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { calculate, choicesOf, cleaned, defaultsOf, factsOf, isRequired, problemsOf, relevantPaths, titleOf } from '../../pwa/src/forms/answers.ts'
import { settingsIn } from '../../pwa/src/forms/settings.ts'
import { evaluate, ExpressionError, type Context } from '../../pwa/src/forms/expressions.ts'
import type { Answers, Field, Form, SettingRow } from '../../pwa/src/types.ts'

type Case = Record<string, any>

const NOW = '2026-09-23T12:10:05+01:00'
const expressions = read('expressions.json').filter((each: Case) => !('says' in each)) as Case[]
const { forms, lists, cases } = read('answers.json') as { forms: Record<string, Form>; lists: Context['lists']; cases: Case[] }
let run = 0

for (const each of expressions) {
  test(`expression: ${each['expression']}`, () => {
    run += 1
    if ('error' in each) {
      assert.throws(() => evaluate(each['expression'], contextOf(each)), (error) => error instanceof ExpressionError && error.column === each['error'])
    } else {
      assert.deepEqual(evaluate(each['expression'], contextOf(each)), each['result'])
    }
  })
}

for (const each of cases) {
  test(`answers: ${each['says']}`, () => {
    run += 1
    const form = forms[each['form']] as Form
    const answers = each['answers'] as Answers
    const context = { ...contextOf(each), lists: each['lists'] ?? lists }
    const checks: Record<string, () => unknown> = {
      cleaned: () => cleaned(form, answers, context),
      problems: () => problemsOf(form, answers, context).map((found) => [found.field, found.code, found.message]),
      codes: () => problemsOf(form, answers, context).map((found) => [found.field, found.code]),
      title: () => titleOf(form, answers, context),
      asked: () => [...relevantPaths(form, answers, context)],
      facts: () => factsOf(form, answers, context.lists ?? {}).map((fact) => [fact.label, fact.words, fact.kind]),
      defaults: () => defaultsOf(form, context, each['last']),
      choices: () =>
        choicesOf(form.fields.find((field) => field.name === each['field'])!, context.lists ?? {}, answers, context).map((choice) => choice.name),
    }
    const told = Object.keys(checks).filter((name) => name in each)
    assert.ok(told.length > 0, 'the case expects something')
    for (const name of told) assert.deepEqual(checks[name]!(), each[name], name)
  })
}

test('a setting has the value that is in force on the day', () => {
  const { rows, cases } = read('settings.json') as { rows: SettingRow[]; cases: [string, string, unknown][] }
  const value = settingsIn(rows)
  for (const [name, on, expected] of cases) assert.equal(value(name, on) ?? null, expected, `${name} on ${on}`)
})

test('calculated answers are filled in and hidden ones are kept, for they may come back', () => {
  const form: Form = {
    formId: 'x', version: '1', title: 'X', audience: [], regime: 'uk_gdpr', retention: 'event',
    fields: [
      { name: 'a', type: 'text', label: 'A' },
      { name: 'b', type: 'text', label: 'B', relevant: "${a} = 'yes'" },
      { name: 'c', type: 'calculate', label: '', calculate: "if(${a} = 'yes', concat('C ', ${b}), '')" },
      { name: 'rows', type: 'repeat', label: 'Rows', fields: [
        { name: 'n', type: 'integer', label: 'N' },
        { name: 'hidden', type: 'text', label: 'Hidden', relevant: '${n} > 1' },
        { name: 'double', type: 'calculate', label: '', calculate: '${n} * 2' },
      ] },
    ],
  }
  const filled = calculate(form, { a: 'no', b: 'kept', c: 'stale', rows: [{ n: 1, hidden: 'kept' }] }, { now: new Date(NOW) })
  assert.deepEqual(filled, { a: 'no', b: 'kept', rows: [{ n: 1, hidden: 'kept', double: 2 }] })
})

test('the choices of a question in a row hang on that row', () => {
  const field: Field = { name: 'row', type: 'select_one', label: 'Row', from: 'rows', choiceFilter: 'town = ${town} and town = ${district}' }
  const given = { district: 'herne_bay', visits: [{ town: 'whitstable' }, { town: 'herne_bay' }] }
  const offered = (at: number) => choicesOf(field, lists ?? {}, given, { now: new Date(NOW), path: ['visits', at] }).map((choice) => choice.name)
  assert.deepEqual([offered(0), offered(1), offered(7)], [[], ['east_cliff'], []])
})

test('an expression this app is too old to read asks the question and lets the answer pass', () => {
  const form: Form = {
    formId: 'x', version: '2', title: 'Newer form', audience: [], regime: 'uk_gdpr', retention: 'event', instanceName: 'newer(1)',
    fields: [
      { name: 'a', type: 'text', label: 'A', relevant: 'newer(1)', required: 'newer(1)', constraint: 'newer(1)' },
      { name: 'b', type: 'calculate', label: '', calculate: 'newer(1)' },
      { name: 'c', type: 'select_one', label: 'C', choices: [{ name: 'x', label: 'X' }], choiceFilter: 'newer(1)' },
    ],
  }
  const context = { now: new Date(NOW) }
  assert.deepEqual(cleaned(form, { a: 'x', c: 'x' }, context), { a: 'x', c: 'x' })
  assert.deepEqual(problemsOf(form, { a: 'x', c: 'x' }, context), [])
  assert.equal(isRequired(form, {}, 'a', context), false)
  assert.equal(titleOf(form, {}, context), 'Newer form')
})

after(() => console.log(`vectors run: ${run}`))

function contextOf(each: Case): Context {
  return {
    now: new Date(each['now'] ?? NOW),
    answers: each['answers'] ?? {},
    this: each['this'] ?? '',
    path: each['path'],
    homes: each['homes'],
    columns: each['columns'],
    lists: each['lists'] ?? {},
    on: each['on'],
    setting: each['settings'] && inForce(each['settings']),
  }
}

/** Settings whose values change on a date, the newest last. */
function inForce(settings: Record<string, [string, unknown][]>) {
  return (key: string, on: string) => (settings[key] ?? []).filter(([start]) => start <= on).at(-1)?.[1]
}

function read(name: string): any {
  return JSON.parse(readFileSync(new URL(`../cases/${name}`, import.meta.url), 'utf8'))
}
