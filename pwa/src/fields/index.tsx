/** Every question a form can ask, by its type. A new type is one file here and one line below. */
import type { FunctionComponent } from 'preact'
import type { Field, FieldType } from '../types.ts'
import { CalculateField } from './calculate.tsx'
import { CounterField } from './counter.tsx'
import { DateField, DateTimeField, TimeField } from './date.tsx'
import { DrawingField } from './drawing.tsx'
import { GeopointField } from './geopoint.tsx'
import { GridField } from './grid.tsx'
import { GroupField } from './group.tsx'
import { ImageField } from './image.tsx'
import { NearbyField } from './nearby.tsx'
import { NoteField } from './note.tsx'
import { NumberField } from './number.tsx'
import { RepeatField } from './repeat.tsx'
import { SelectField } from './select.tsx'
import type { Path, QuestionProps, Sheet } from './sheet.ts'
import { asksOf, StopsField } from './stops.tsx'
import { TallyField } from './tally.tsx'
import { looksLike, TextField } from './text.tsx'

const widgets: Partial<Record<FieldType, FunctionComponent<QuestionProps>>> = {
  text: TextField,
  integer: NumberField,
  decimal: NumberField,
  date: DateField,
  time: TimeField,
  dateTime: DateTimeField,
  select_one: SelectField,
  select_multiple: SelectField,
  geopoint: GeopointField,
  image: ImageField,
  signature: DrawingField,
  drawing: DrawingField,
  note: NoteField,
  calculate: CalculateField,
  counter: CounterField,
}

export function Questions({ fields, within = '', sheet }: { fields: Field[]; within?: Path; sheet: Sheet }) {
  return (
    <>
      {fields.map((field) => (
        <AnyField
          key={field.name}
          field={field}
          path={within ? `${within}/${field.name}` : field.name}
          within={within}
          sheet={sheet}
        />
      ))}
    </>
  )
}

function AnyField({ within, ...props }: QuestionProps & { within: Path }) {
  const { field, path, sheet } = props
  if (!sheet.isShown(path) || isApart(field)) return null
  const inside = field.fields ?? []
  if (looksLike(field.appearance, 'nearby')) return <NearbyField {...props} />
  if (looksLike(field.appearance, 'tally')) return <TallyField {...props} within={within} />
  if (looksLike(field.appearance, 'grid'))
    return (
      <GridField {...props} entry={(entry) => <Questions fields={inside.slice(1)} within={entry} sheet={sheet} />} />
    )
  if (looksLike(field.appearance, 'stops')) {
    const asked = inside.filter((each) => each !== asksOf(field).which && each !== asksOf(field).leaving)
    return <StopsField {...props} entry={(entry) => <Questions fields={asked} within={entry} sheet={sheet} />} />
  }
  if (field.type === 'group')
    return (
      <GroupField {...props}>
        <Questions fields={inside} within={within} sheet={sheet} />
      </GroupField>
    )
  if (field.type === 'repeat')
    return <RepeatField {...props} entry={(entry) => <Questions fields={inside} within={entry} sheet={sheet} />} />
  const Widget = widgets[field.type] ?? CannotAsk
  return <Widget {...props} />
}

/** Kept without being asked: filled by the app, or by a button elsewhere on the screen. */
function isApart(field: Field): boolean {
  return looksLike(field.appearance, 'hidden') || looksLike(field.appearance, 'step_away')
}

/** A form may be newer than the app; what it cannot ask must not cost the officer the rest. */
function CannotAsk({ field, path }: QuestionProps) {
  return (
    <div class="question told" data-path={path}>
      <strong>{field.label}</strong>
      <p>This version of Beatbook cannot ask this. Finish without it and write it in the notes.</p>
    </div>
  )
}
