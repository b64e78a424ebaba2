/** A number that mostly goes up by one: two big buttons, and a box for those who would rather type. */
import { boxAttributes, Question } from './question.tsx'
import { answerAt, type QuestionProps } from './sheet.ts'

export function CounterField(props: QuestionProps) {
  const { field, path, sheet } = props
  const value = Number(answerAt(sheet.answers, path) ?? 0)
  const least = field.min ?? 0
  const to = (next: number) => sheet.change(path, Math.min(Math.max(next, least), field.max ?? Number.MAX_SAFE_INTEGER))
  return (
    <Question {...props} controls="one">
      <div class="counter">
        <Quick label={`One less: ${field.label}`} sign="−" off={field.readOnly} onPress={() => to(value - 1)} />
        <input
          type="text"
          inputMode="numeric"
          class="box"
          {...boxAttributes(props)}
          value={value}
          onInput={(event) => to(Number.parseInt(event.currentTarget.value, 10) || 0)}
        />
        <Quick label={`One more: ${field.label}`} sign="+" off={field.readOnly} onPress={() => to(value + 1)} />
      </div>
    </Question>
  )
}

/** Counting is tapping fast, so these do not ignore repeats as other buttons do. */
function Quick({
  label,
  sign,
  off,
  onPress,
}: {
  label: string
  sign: string
  off: boolean | undefined
  onPress: () => void
}) {
  return (
    <button type="button" class="button large" aria-label={label} disabled={off} onClick={onPress}>
      {sign}
    </button>
  )
}
