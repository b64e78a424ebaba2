/** Days and times, with the two answers that are right most often one tap away. */
import { Button } from '../ui/button.tsx'
import { dayAndTime, localDay, localMinute, stamp, clock, day } from '../ui/time.ts'
import { boxAttributes, Question } from './question.tsx'
import { answerAt, type QuestionProps } from './sheet.ts'

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
