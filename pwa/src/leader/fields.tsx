/** The few questions of the patrol's own screens, as house fields without a form behind them. */
import type { ComponentChildren } from 'preact'
import { Below, describedBy } from '../ui/below.tsx'
import { Icon } from '../ui/icons.tsx'

interface Asked {
  name: string
  label: string
  hint?: string
  problem?: string | undefined
}

interface PickProps extends Asked {
  choices: [string, string][]
  chosen: string[]
  many?: boolean
  pictures?: Record<string, () => ComponentChildren>
  onChange: (chosen: string[]) => void
}

export function Pick({ name, label, hint, problem, choices, chosen, many = false, pictures, onChange }: PickProps) {
  const choose = (value: string, on: boolean) => {
    if (!many) return onChange([value])
    onChange(choices.map(([each]) => each).filter((each) => (each === value ? on : chosen.includes(each))))
  }
  return (
    <fieldset
      class={`question ${problem ? 'wrong' : ''}`}
      data-path={name}
      aria-describedby={describedBy({ id: name, hint, problem })}
    >
      <legend class="asks">{label}</legend>
      <Below id={name} hint={hint} problem={problem} />
      <div class={`choices chips-look ${pictures ? 'animals' : ''}`}>
        {choices.map(([value, words]) => (
          <label key={value} class={`choice ${many ? 'many' : ''}`}>
            <input
              type={many ? 'checkbox' : 'radio'}
              name={name}
              value={value}
              checked={chosen.includes(value)}
              onChange={(event) => choose(value, event.currentTarget.checked)}
            />
            {pictures && <span class="animal-picture">{pictures[value]?.()}</span>}
            <span class="mark">
              <Icon name="check" />
            </span>
            <span class="label">{words}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}

export function Counter({
  name,
  label,
  hint,
  problem,
  value,
  least,
  most,
  onChange,
}: Asked & { value: number; least: number; most: number; onChange: (value: number) => void }) {
  const to = (next: number) => onChange(Math.min(most, Math.max(least, next)))
  return (
    <div class={`question ${problem ? 'wrong' : ''}`} data-path={name}>
      <label class="asks" for={name}>
        {label}
      </label>
      <Below id={name} hint={hint} problem={problem} />
      <div class="counter">
        <button type="button" class="button large" aria-label={`One less: ${label}`} onClick={() => to(value - 1)}>
          −
        </button>
        <input
          id={name}
          class="box"
          aria-describedby={describedBy({ id: name, hint, problem })}
          inputMode="numeric"
          value={value}
          onInput={(event) => to(Number.parseInt(event.currentTarget.value, 10) || least)}
        />
        <button type="button" class="button large" aria-label={`One more: ${label}`} onClick={() => to(value + 1)}>
          +
        </button>
      </div>
    </div>
  )
}

export function Words({
  name,
  label,
  hint,
  problem,
  value,
  onChange,
}: Asked & { value: string; onChange: (value: string) => void }) {
  return (
    <div class={`question ${problem ? 'wrong' : ''}`} data-path={name}>
      <label class="asks" for={name}>
        {label}
      </label>
      <Below id={name} hint={hint} problem={problem} />
      <textarea
        id={name}
        class="box"
        aria-describedby={describedBy({ id: name, hint, problem })}
        rows={3}
        maxLength={1000}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  )
}
