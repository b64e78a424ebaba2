/** One or several of a list, as tiles with pictures, chips or a plain list: always real radios and checkboxes. */
import { useState } from 'preact/hooks'
import type { Choice } from '../types.ts'
import { LinkButton } from '../ui/button.tsx'
import { hasIcon, Icon } from '../ui/icons.tsx'
import { Undone } from '../ui/undone.tsx'
import { Question } from './question.tsx'
import { answerAt, type QuestionProps } from './sheet.ts'
import { looksLike } from './text.tsx'

const LONG = 12 // more than fit on one screen: people would rather type three letters than scroll
const AUTHORED = 20 // choices written into the form itself are few and meant to be seen
const FIRST = 6 // of a long list, before anything is typed
const NOT_HERE = 'This list has not reached this phone yet.'
const NONE_FITS = 'Nothing on the list fits what you have answered so far.'

export function SelectField(props: QuestionProps) {
  const { field, path, sheet } = props
  const many = field.type === 'select_multiple'
  const value = answerAt(sheet.answers, path)
  const chosen = many ? ((value as string[] | undefined) ?? []) : value ? [String(value)] : []
  const choices = sheet.choicesOf(field, path)
  const [wanted, setWanted] = useState('')
  const [all, setAll] = useState(false)
  const isLong = choices.length > (field.choices ? AUTHORED : LONG)
  const isShort = all || wanted !== '' || !isLong
  const shown = choices.filter(
    (choice, index) => chosen.includes(choice.name) || (matches(choice, wanted) && (isShort || index < FIRST)),
  )
  const choose = (name: string, on: boolean) => {
    if (!many) return sheet.change(path, name)
    return sheet.change(
      path,
      choices.map((choice) => choice.name).filter((each) => (each === name ? on : chosen.includes(each))),
    )
  }
  return (
    <Question {...props} controls="several">
      {(isLong || (looksLike(field.appearance, 'minimal') && choices.length > FIRST)) && (
        <input
          type="search"
          class="box find"
          aria-label={`Find in: ${field.label}`}
          placeholder="Type to find"
          autoComplete="off"
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
      )}
      <div class={`choices ${look(field.appearance, choices, isLong)}`}>
        {shown.map((choice) => (
          <label key={choice.name} class={`choice ${many ? 'many' : ''}`}>
            <input
              type={many ? 'checkbox' : 'radio'}
              name={path}
              value={choice.name}
              checked={chosen.includes(choice.name)}
              disabled={field.readOnly}
              onChange={(event) => choose(choice.name, event.currentTarget.checked)}
            />
            {hasIcon(choice.icon) && <Icon name={choice.icon} class="picture" />}
            <span class="mark">
              <Icon name="check" />
            </span>
            <span class="label">{choice.label}</span>
          </label>
        ))}
      </div>
      {shown.length === 0 && (
        <p class="quiet">{wanted ? 'None of that name.' : field.choiceFilter ? NONE_FITS : NOT_HERE}</p>
      )}
      {!isShort && (
        <LinkButton icon="chevron-down" onPress={() => setAll(true)}>
          Show all {choices.length}
        </LinkButton>
      )}
      <Clear {...props} answered={chosen.length > 0} />
    </Question>
  )
}

/** A radio cannot be unticked by tapping it, so an answer that nobody has to give gets a way back. */
function Clear({ field, path, sheet, answered }: QuestionProps & { answered: boolean }) {
  if (sheet.removed?.path === path) return <Undone what={sheet.removed.what} onUndo={sheet.removed.undo} />
  if (!answered || field.type === 'select_multiple' || field.readOnly || sheet.isRequired(field, path)) return null
  return (
    <LinkButton icon="x" label={`Clear the answer to: ${field.label}`} onPress={() => sheet.clear(path, undefined)}>
      Clear
    </LinkButton>
  )
}

function look(appearance: string | undefined, choices: Choice[], isLong: boolean): string {
  const pictured = choices.some((choice) => hasIcon(choice.icon))
  if (looksLike(appearance, 'tiles')) return pictured ? 'tiles-look' : 'tiles-look plain-tiles'
  if (looksLike(appearance, 'chips')) return 'chips-look'
  if (looksLike(appearance, 'likert')) return 'likert-look'
  if (looksLike(appearance, 'minimal') || isLong) return 'list-look'
  return pictured ? 'tiles-look' : 'chips-look'
}

function matches(choice: Choice, wanted: string): boolean {
  return choice.label.toLowerCase().includes(wanted.trim().toLowerCase())
}
