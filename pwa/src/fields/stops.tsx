/** Stops on a way, one after the other: the one we stand at is open, those behind say what happened there. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Answers, Choice, Field } from '../types.ts'
import { Button, LinkButton } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { clock, stamp } from '../ui/time.ts'
import { Question } from './question.tsx'
import { answerAt, type Path, type QuestionProps, type Sheet } from './sheet.ts'

export function StopsField(props: QuestionProps & { entry: (path: Path) => ComponentChildren }) {
  const { field, path, sheet, entry } = props
  const [blocked, setBlocked] = useState('')
  const { which, leaving } = asksOf(field)
  const all = sheet.choicesOf(which, `${path}/0/${which.name}`)
  const rows = (answerAt(sheet.answers, path) as Answers[] | undefined) ?? []
  const indexOf = (choice: Choice) => rows.findIndex((row) => row[which.name] === choice.name)
  const here = all.findIndex((choice) => !rows[indexOf(choice)]?.[leaving.name])
  const arrive = (choice: Choice) =>
    sheet.change(path, [...rows, { ...sheet.newRow(field), [which.name]: choice.name }])
  const leave = (choice: Choice) => {
    const at = `${path}/${indexOf(choice)}/${leaving.name}`
    const now = stamp(sheet.now())
    const wrong = sheet.wrongWith(at, now)
    setBlocked(wrong)
    if (wrong) return navigator.vibrate?.([60, 60, 60])
    const next = all[here + 1]
    const left = rows.map((row, index) => (index === indexOf(choice) ? { ...row, [leaving.name]: now } : row))
    const begun = next && indexOf(next) < 0 ? [{ ...sheet.newRow(field), [which.name]: next.name }] : []
    return sheet.change(path, [...left, ...begun])
  }
  const again = (choice: Choice) => {
    setBlocked('')
    sheet.change(`${path}/${indexOf(choice)}/${leaving.name}`, undefined)
  }
  return (
    <Question {...props} controls="several">
      {all.length === 0 && <p class="quiet">Choose the route first.</p>}
      <ol class="stops">
        {all.map((choice, number) => {
          const index = indexOf(choice)
          const isHere = number === here
          return (
            <li key={choice.name} class={`stop ${isHere ? 'here' : number < here || here < 0 ? 'passed' : ''}`}>
              <h3>
                <span class="stop-number">{number + 1}</span>
                {choice.label}
              </h3>
              {index >= 0 && !isHere && (
                <p class="stop-says">
                  {summary(shownIn(field, `${path}/${index}`, sheet), rows[index]!, leaving)}
                  <LinkButton icon="pencil" label={`Change: ${choice.label}`} onPress={() => again(choice)}>
                    Change
                  </LinkButton>
                </p>
              )}
              {isHere && index < 0 && (
                <Button kind="large" icon="map-pin" onPress={() => arrive(choice)}>
                  We are here
                </Button>
              )}
              {isHere && index >= 0 && (
                <>
                  {entry(`${path}/${index}`)}
                  {blocked && (
                    <p class="problem" role="alert">
                      <Icon name="circle-alert" />
                      <span>{blocked}</span>
                    </p>
                  )}
                  <Button kind="large" class="leave" icon="arrow-right" onPress={() => leave(choice)}>
                    {leaving.label}
                  </Button>
                </>
              )}
            </li>
          )
        })}
      </ol>
    </Question>
  )
}

/** The first question says which stop, the first of type dateTime when it was left. */
export function asksOf(field: Field): { which: Field; leaving: Field } {
  const [which] = field.fields as [Field]
  return { which, leaving: field.fields!.find((inner) => inner.type === 'dateTime')! }
}

function shownIn(field: Field, row: Path, sheet: Sheet): Field[] {
  return (field.fields ?? []).filter((inner) => sheet.isShown(`${row}/${inner.name}`))
}

function summary(asked: Field[], row: Answers, leaving: Field): string {
  const counted = asked
    .filter((inner) => inner.type === 'counter')
    .map((inner) => `${inner.label}: ${row[inner.name] ?? 0}`)
  const left = row[leaving.name]
  return [...counted, typeof left === 'string' && clock(left)].filter(Boolean).join(', ')
}
