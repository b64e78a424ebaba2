/** Counting what goes on in the street: every counter a tile, one tap for one more, and a way back from the last tap. */
import { useState } from 'preact/hooks'
import type { Field } from '../types.ts'
import { LinkButton } from '../ui/button.tsx'
import { hasIcon, Icon } from '../ui/icons.tsx'
import { CounterField } from './counter.tsx'
import { answerAt, type Path, type QuestionProps, type Sheet } from './sheet.ts'

interface Counter {
  field: Field
  path: Path
}

export function TallyField({ field, path, sheet, within }: QuestionProps & { within: Path }) {
  const [taps, setTaps] = useState<Counter[]>([])
  const [typing, setTyping] = useState(false)
  const counters = (field.fields ?? [])
    .map((inner) => ({ field: inner, path: within ? `${within}/${inner.name}` : inner.name }))
    .filter((counter) => sheet.isShown(counter.path))
  const last = taps.at(-1)
  const count = (counter: Counter) => {
    if (!add(sheet, counter, 1)) return
    setTaps([...taps, counter])
    navigator.vibrate?.(10) // felt without looking down from the street
  }
  const takeBack = () => {
    if (last) add(sheet, last, -1)
    setTaps(taps.slice(0, -1))
  }
  return (
    <section class="section tally" data-path={path}>
      {field.label && <h2>{field.label}</h2>}
      {field.hint && <p class="quiet">{field.hint}</p>}
      {typing ? (
        counters.map((counter) => <CounterField key={counter.path} {...counter} sheet={sheet} />)
      ) : (
        <>
          <div class="counting">
            {counters.map((counter) => (
              <Tile key={counter.path} {...counter} sheet={sheet} onTap={() => count(counter)} />
            ))}
          </div>
          {counters.map(({ path: each }) => sheet.problems[each] && <Wrong key={each} words={sheet.problems[each]} />)}
        </>
      )}
      <div class="tally-foot">
        {!typing && last && (
          <button type="button" class="button take-back" onClick={takeBack}>
            <Icon name="undo-2" />
            Take back 1: {last.field.label}
          </button>
        )}
        <LinkButton icon={typing ? 'check' : 'pencil'} onPress={() => setTyping(!typing)}>
          {typing ? 'Count with taps' : 'Type the numbers'}
        </LinkButton>
      </div>
    </section>
  )
}

/** Tapping fast is what it is for, so it does not ignore repeats as other buttons do. */
function Tile({ field, path, sheet, onTap }: QuestionProps & { onTap: () => void }) {
  const value = valueOf(sheet, path)
  return (
    <button type="button" class={`count-tile ${sheet.problems[path] ? 'wrong' : ''}`} data-path={path} onClick={onTap}>
      {hasIcon(field.icon) && <Icon name={field.icon} class="picture" />}
      <span class="label">{field.label}</span>
      <span key={value} class={`number ${value ? 'some' : ''}`}>
        {value}
      </span>
    </button>
  )
}

function Wrong({ words }: { words: string }) {
  return (
    <p class="problem">
      <Icon name="circle-alert" />
      <span>{words}</span>
    </p>
  )
}

/** Whether it could be counted: there is a most and a least. */
function add(sheet: Sheet, { field, path }: Counter, more: number): boolean {
  const next = valueOf(sheet, path) + more
  if (next < (field.min ?? 0) || next > (field.max ?? Number.MAX_SAFE_INTEGER)) return false
  sheet.change(path, next)
  return true
}

function valueOf(sheet: Sheet, path: Path): number {
  return Number(answerAt(sheet.answers, path) ?? 0)
}
