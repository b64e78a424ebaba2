/** A long row of like things, each a square: one tap says it is fine, a second that something is wrong with it. */
import type { ComponentChildren, VNode } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Answers, Choice, Field } from '../types.ts'
import { Button, LinkButton } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { Undone } from '../ui/undone.tsx'
import { count } from '../ui/words.ts'
import { Question } from './question.tsx'
import { answerAt, type Path, type QuestionProps } from './sheet.ts'

/** `which` says what the row is about, `how` what it is like: fine is its first choice, amiss its second. */
interface Asks {
  which: Field
  how: Field
  fine: Choice
  amiss: Choice
}

export function GridField(props: QuestionProps & { entry: (path: Path) => ComponentChildren }) {
  const { field, path, sheet, entry } = props
  const [open, setOpen] = useState<string | null>(null)
  const asks = asksOf(field)
  const all = sheet.choicesOf(asks.which, `${path}/0/${asks.which.name}`)
  const rows = (answerAt(sheet.answers, path) as Answers[] | undefined) ?? []
  const rowOf = new Map(rows.map((row, index) => [String(row[asks.which.name]), index]))
  const stateOf = (name: string) => rows[rowOf.get(name) ?? -1]?.[asks.how.name]
  const put = (name: string, row: Answers) =>
    sheet.change(
      path,
      rows.map((each, index) => (index === rowOf.get(name) ? row : each)),
    )
  const drop = (name: string, words: string) => {
    setOpen(null)
    sheet.clear(
      path,
      rows.filter((_, index) => index !== rowOf.get(name)),
      words,
    )
  }
  const fineRow = (name: string) => ({
    ...sheet.newRow(atOnce(field)),
    [asks.which.name]: name,
    [asks.how.name]: asks.fine.name,
  })
  const tap = ({ name, label }: Choice) => {
    const row = rows[rowOf.get(name) ?? -1]
    navigator.vibrate?.(10)
    if (!row) return sheet.change(path, [...rows, fineRow(name)])
    const amiss = { ...sheet.newRow(field), [asks.which.name]: name, [asks.how.name]: asks.amiss.name }
    if (row[asks.how.name] === asks.fine.name) put(name, { ...row, ...amiss })
    else if (sameAnswers(row, amiss, field)) return drop(name, `${label}: not checked.`) // nothing was said of it that could be lost
    setOpen(name)
  }
  const cells = useCells(tap)
  const left = all.filter(({ name }) => !rowOf.has(name))
  const wrong = rows.filter((row) => row[asks.how.name] !== asks.fine.name).length
  const opened = all.find(({ name }) => name === open)
  return (
    <Question {...props} controls="several">
      <p class="grid-key">
        <span class="cell-key fine">1 tap: {asks.fine.label.toLowerCase()}</span>
        <span class="cell-key amiss">2 taps: {asks.amiss.label.toLowerCase()}</span>
        <span class="cell-key">3 taps: not checked</span>
      </p>
      <div class="cells">
        {all.map((choice) => cells(choice, wordsFor(asks, stateOf(choice.name)), lookFor(asks, stateOf(choice.name))))}
      </div>
      {all.length === 0 && <p class="quiet">Choose the row first.</p>}
      {sheet.removed?.path === path && <Undone what={sheet.removed.what} onUndo={sheet.removed.undo} />}
      {left.length > 0 && (
        <Button
          icon="check"
          class="whole-row"
          onPress={() =>
            sheet.clear(
              path,
              [...rows, ...left.map(({ name }) => fineRow(name))],
              `${left.length} more marked ${asks.fine.label.toLowerCase()}.`,
            )
          }
        >
          {rows.length ? `All the other ${left.length} are fine` : 'The whole row is fine'}
        </Button>
      )}
      {all.length > 0 && (
        <p class="pinned" role="status">
          <strong>
            {rows.length} of {all.length} checked
          </strong>
          , {count(wrong, 'problem')}
        </p>
      )}
      {opened && (
        <Dialog title={opened.label} onClose={() => setOpen(null)}>
          {entry(`${path}/${rowOf.get(opened.name)}`)}
          <LinkButton icon="trash-2" kind="danger" onPress={() => drop(opened.name, `${opened.label}: not checked.`)}>
            Not checked after all
          </LinkButton>
        </Dialog>
      )}
    </Question>
  )
}

/** Over the page rather than in it: a hundred squares away from the one that was tapped nobody would find it. */
function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const box = useRef<HTMLDialogElement>(null)
  useEffect(() => box.current?.showModal(), [])
  return (
    <dialog ref={box} class="sheet" aria-label={title} onClose={onClose}>
      <h2>{title}</h2>
      {children}
      <p class="sheet-foot">
        <Button kind="primary" icon="check" onPress={() => box.current?.close()}>
          Done
        </Button>
      </p>
    </dialog>
  )
}

/** Squares that look as before are not drawn again: a tap changes one of a hundred and twenty. */
function useCells(tap: (choice: Choice) => void) {
  const drawn = useRef(new Map<string, { words: string; node: VNode }>())
  const latest = useRef(tap)
  latest.current = tap
  return (choice: Choice, words: string, look: string): VNode => {
    const before = drawn.current.get(choice.name)
    if (before?.words === words) return before.node
    const node = (
      <button
        key={choice.name}
        type="button"
        class={`cell ${look}`}
        aria-label={`${choice.label}: ${words}`}
        onClick={() => latest.current(choice)}
      >
        {String(choice['number'] ?? choice.label)}
        {look && <Icon name={look === 'fine' ? 'check' : 'triangle-alert'} />}
      </button>
    )
    drawn.current.set(choice.name, { words, node })
    return node
  }
}

function asksOf(field: Field): Asks {
  const [which, how] = field.fields as [Field, Field]
  const [fine, amiss] = how.choices as [Choice, Choice]
  return { which, how, fine, amiss }
}

/** What is asked of each row at once; what is asked when something is wrong stands in a group. */
function atOnce(field: Field): Field {
  return { ...field, fields: (field.fields ?? []).filter((inner) => inner.type !== 'group') }
}

function sameAnswers(one: Answers, other: Answers, field: Field): boolean {
  const names = (field.fields ?? []).flatMap((inner) => [inner, ...(inner.fields ?? [])])
  return names.every(
    ({ name, type }) => type === 'calculate' || JSON.stringify(one[name]) === JSON.stringify(other[name]),
  )
}

function wordsFor({ how }: Asks, state: unknown): string {
  return how.choices?.find((choice) => choice.name === state)?.label ?? 'not checked'
}

function lookFor({ fine }: Asks, state: unknown): string {
  return state === undefined ? '' : state === fine.name ? 'fine' : 'amiss'
}
