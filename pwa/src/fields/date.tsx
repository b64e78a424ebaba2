/** Days and times, with the two answers that are right most often one tap away. */
import { useState } from 'preact/hooks'
import { Button } from '../ui/button.tsx'
import { dayAndTime, localDay, localMinute, stamp, clock, day } from '../ui/time.ts'
import { boxAttributes, Question } from './question.tsx'
import { answerAt, type QuestionProps } from './sheet.ts'
import { looksLike } from './text.tsx'

const MINUTE = 60_000

export function DateTimeField(props: QuestionProps) {
  const { path, sheet } = props
  const value = text(answerAt(sheet.answers, path))
  const before = (minutes: number) => () =>
    sheet.change(path, stamp(new Date(sheet.now().getTime() - minutes * MINUTE)))
  return (
    <Question {...props} controls="one">
      <div class="when">
        <input
          type="datetime-local"
          class="box"
          {...boxAttributes(props)}
          value={value && localMinute(new Date(value))}
          onInput={(event) =>
            sheet.change(path, event.currentTarget.value && stamp(new Date(event.currentTarget.value)))
          }
        />
      </div>
      <div class="when-chips">
        <Button icon="clock" onPress={before(0)}>
          Now
        </Button>
        <Button onPress={before(5)}>5 min ago</Button>
        <Button onPress={before(15)}>15 min ago</Button>
      </div>
      {value && <p class="when-words">{dayAndTime(value)}</p>}
    </Question>
  )
}

export function DateField(props: QuestionProps) {
  if (looksLike(props.field.appearance, 'numbers')) return <TypedDate {...props} />
  return <PickedDate {...props} />
}

/** A day long ago is typed, not turned to: eight digits on the keypad, the strokes come by themselves. */
function TypedDate(props: QuestionProps) {
  const { path, sheet } = props
  const value = text(answerAt(sheet.answers, path))
  const [typed, setTyped] = useState(() => asTyped(value))
  const shown = isoOf(typed) === value || value === '' || !isDay(value) ? typed : asTyped(value)
  return (
    <Question {...props} controls="one">
      <input
        type="text"
        class="box number"
        inputMode="numeric"
        autoComplete="off"
        placeholder="dd/mm/yyyy"
        {...boxAttributes(props)}
        value={shown}
        onInput={(event) => {
          const next = stroked(event.currentTarget.value)
          setTyped(next)
          event.currentTarget.value = next
          sheet.change(path, isoOf(next))
        }}
      />
      {isDay(value) && <p class="when-words">{day(value)}</p>}
    </Question>
  )
}

function stroked(typed: string): string {
  const digits = typed.replace(/\D/g, '').slice(0, 8)
  return [digits.slice(0, 2), digits.slice(2, 4), digits.slice(4)].filter(Boolean).join('/')
}

/** What is no whole day yet stays as typed, so that the form can say so. */
function isoOf(typed: string): string | undefined {
  const [, dayOf, month, year] = /^(\d\d)\/(\d\d)\/(\d{4})$/.exec(typed) ?? []
  return year ? `${year}-${month}-${dayOf}` : typed || undefined
}

function asTyped(iso: string): string {
  return isDay(iso) ? iso.split('-').reverse().join('/') : iso
}

function isDay(value: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(value)
}

function PickedDate(props: QuestionProps) {
  const { path, sheet } = props
  const value = text(answerAt(sheet.answers, path))
  return (
    <Question {...props} controls="one">
      <div class="when">
        <input
          type="date"
          class="box"
          {...boxAttributes(props)}
          value={value}
          onInput={(event) => sheet.change(path, event.currentTarget.value)}
        />
        <Button onPress={() => sheet.change(path, localDay(sheet.now()))}>Today</Button>
      </div>
      {value && <p class="when-words">{day(value)}</p>}
    </Question>
  )
}

export function TimeField(props: QuestionProps) {
  const { path, sheet } = props
  return (
    <Question {...props} controls="one">
      <div class="when">
        <input
          type="time"
          class="box"
          {...boxAttributes(props)}
          value={text(answerAt(sheet.answers, path))}
          onInput={(event) => sheet.change(path, event.currentTarget.value)}
        />
        <Button icon="clock" onPress={() => sheet.change(path, clock(sheet.now().toISOString()))}>
          Now
        </Button>
      </div>
    </Question>
  )
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
