/** The pocket notebook: this phone's entries in order, what was struck through still readable, and where one is missing. */
import { form as formOf, record, records } from '../store/index.ts'
import type { Answers, Form, RecordView } from '../types.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { Notice } from '../ui/notice.tsx'
import { dayAndTime } from '../ui/time.ts'
import { stateIcons, words } from '../ui/words.ts'
import { Frame } from './frame.tsx'
import { begin } from './home.tsx'
import { Missing } from './missing.tsx'
import { useStored } from './stored.ts'

const NOTEBOOK = 'notebook'

interface Entry {
  number: number
  row: RecordView
  /** Empty once the phone has let go of what the office keeps. */
  answers: Answers
}

type Line = { gap: number[] } | { entry: Entry; struckBy: number | null }

export function NotebookScreen() {
  const form = useStored(() => formOf(NOTEBOOK))
  const lines = useStored(readLines)
  if (form === undefined || lines === undefined) return null
  if (form === null) return <Missing />
  return (
    <Frame
      title="Notebook"
      icon={form.icon ?? 'notebook-pen'}
      back={{ to: '/', name: words.home }}
      bottom={
        <Button kind="primary" icon="pencil" onPress={() => begin(form)}>
          New entry
        </Button>
      }
    >
      <p class="form-hint">Entries keep their number for ever. A mistake is struck through by a new entry.</p>
      {lines.length === 0 && <p class="nothing">No entries on this phone yet.</p>}
      <ol class="notebook">
        {lines.map((line) =>
          'gap' in line ? (
            <li key={`gap-${line.gap[0]}`}>
              <Gap numbers={line.gap} />
            </li>
          ) : (
            <li key={line.entry.row.instanceId}>
              <Page {...line} form={form} />
            </li>
          ),
        )}
      </ol>
    </Frame>
  )
}

function Page({ entry, struckBy, form }: { entry: Entry; struckBy: number | null; form: Form }) {
  const { number, row, answers } = entry
  const strikes = answers['strikes']
  return (
    <article class={`note-page ${struckBy ? 'struck' : ''}`} aria-label={`Entry ${number}`}>
      <header>
        <h2>{number}</h2>
        <p>
          {String(answers['place_text'] ?? row.title)}
          <br />
          <span class="quiet small">
            {dayAndTime(String(answers['event_at'] ?? row.capturedAt))}
            {answers['late'] === 'yes' && `, written ${dayAndTime(row.capturedAt)}: ${String(answers['late_reason'])}`}
          </span>
        </p>
        <a class="small-control" href={`#/record/${row.instanceId}`} aria-label={`${row.words}: entry ${number}`}>
          <Icon name={stateIcons[row.state]} />
        </a>
      </header>
      {typeof strikes === 'number' && (
        <p class="quiet">
          Strikes through entry {strikes}: {String(answers['strike_reason'] ?? '')}
        </p>
      )}
      {struckBy && <p class="struck-by">Struck through by entry {struckBy}</p>}
      {typeof answers['note'] === 'string' ? (
        <p class="note-text">{struckBy ? <s>{answers['note']}</s> : answers['note']}</p>
      ) : (
        <p class="quiet">At the office. This phone no longer keeps its text.</p>
      )}
      {!struckBy && (
        <Button icon="x" onPress={() => begin(form, { strikes: number })}>
          Strike through
        </Button>
      )}
    </article>
  )
}

function Gap({ numbers }: { numbers: number[] }) {
  const [first, last] = [numbers[0], numbers.at(-1)]
  return (
    <Notice tone="attention" icon="triangle-alert">
      {first === last ? `Entry ${first} is missing.` : `Entries ${first} to ${last} are missing.`} Tell your supervisor.
    </Notice>
  )
}

/** Newest first. What is older than the oldest entry here is at the office, which is no gap. */
async function readLines(): Promise<Line[]> {
  const rows = (await records()).filter((row) => row.formId === NOTEBOOK)
  const entries = await Promise.all(rows.map(entryOf))
  const readable = entries.filter((entry) => entry !== null)
  return linesOf(readable, readable.length < entries.length)
}

async function entryOf(row: RecordView): Promise<Entry | null> {
  const answers = (await record(row.instanceId))?.answers ?? {}
  const number = Number(answers['entry_no'] ?? /^Notebook (\d+)/.exec(row.title)?.[1])
  return Number.isInteger(number) ? { number, row, answers } : null
}

/** Where `others` write on this phone too, what is missing here is theirs. */
function linesOf(entries: Entry[], others = false): Line[] {
  const struck = new Map(entries.map(({ number, answers }) => [answers['strikes'], number]))
  const lines: Line[] = []
  let expected: number | null = null
  for (const entry of [...entries].sort((a, b) => b.number - a.number)) {
    if (!others && expected !== null && entry.number < expected)
      lines.push({ gap: Array.from({ length: expected - entry.number }, (_, at) => entry.number + 1 + at) })
    lines.push({ entry, struckBy: struck.get(entry.number) ?? null })
    expected = entry.number - 1
  }
  return lines
}
