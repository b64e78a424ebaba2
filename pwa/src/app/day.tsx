/** My day: what the office gave this phone to do, late first and then in the order of time. */
import { useEffect, useState } from 'preact/hooks'
import { form as formOf, forms, records, reportTask, tasks } from '../store/index.ts'
import type { Device, Form, RecordView, Task, TaskState } from '../types.ts'
import { Button, LinkButton } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { clock, day, localDay } from '../ui/time.ts'
import { Undone } from '../ui/undone.tsx'
import { words } from '../ui/words.ts'
import { Alerts } from './alerts.tsx'
import { Frame } from './frame.tsx'
import { begin } from './home.tsx'
import { useStored } from './stored.ts'
import { sorted, isLate, isOpen, type Part } from './tasks.ts'
import '../style/day.css'

const REASONS = ['No time', 'Nobody was there', 'Not safe', 'Called away', 'Not needed any more']

interface Pressed {
  taskId: string
  before: TaskState
  words: string
}

const headings: Record<Part, string> = { late: 'Late', today: 'Today', later: 'Coming', ended: 'Finished' }

export function DayScreen({ owner }: { owner: Device }) {
  const all = useStored(tasks)
  const [pressed, setPressed] = useState<Pressed>()
  const now = useMinutes()
  const say = async (task: Task, state: TaskState, reason: string | null = null) => {
    await reportTask(task.taskId, state, reason)
    navigator.vibrate?.(20)
    setPressed({ taskId: task.taskId, before: task.state, words: said[state] })
  }
  const undo = async () => {
    if (pressed) await reportTask(pressed.taskId, pressed.before)
    setPressed(undefined)
  }
  const parts = all && sorted(all, now, pressed?.taskId)
  return (
    <Frame title="My day" back={{ to: '/', name: words.home }} lead={<Alerts />} bar={owner.name}>
      <p class="quiet today">{day(now.toISOString())}</p>
      {all?.length === 0 && (
        <p class="nothing">
          <Icon name="circle-check" />
          Nothing to do. What the office gives you shows here.
        </p>
      )}
      {parts?.map(({ part, tasks: of }) => (
        <section key={part} aria-labelledby={`part-${part}`}>
          <h2 id={`part-${part}`} class={part === 'late' ? 'is-late' : ''}>
            {headings[part]}
          </h2>
          <ul class="tasks">
            {of.map((task) => (
              <li key={task.taskId} class={`task ${isOpen(task) ? '' : 'ended'}`}>
                <TaskCard
                  task={task}
                  late={isLate(task, now)}
                  dated={localDay(new Date(task.startsAt)) !== localDay(now)}
                  onSay={(state, reason) => say(task, state, reason)}
                />
                {pressed?.taskId === task.taskId && <Undone key={pressed.words} what={pressed.words} onUndo={undo} />}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </Frame>
  )
}

interface CardProps {
  task: Task
  late: boolean
  dated: boolean
  onSay: (state: TaskState, reason?: string) => unknown
}

function TaskCard({ task, late, dated, onSay }: CardProps) {
  const [asking, setAsking] = useState(false)
  const form = useStored(() => usable(task.formId), [task.formId])
  const made = useStored(() => madeOn(task.taskId), [task.taskId])
  const title = `task-${task.taskId}`
  return (
    <>
      <p class={`window ${late ? 'is-late' : ''}`}>
        <Icon name={late ? 'circle-alert' : 'clock'} />
        <span>
          {dated && `${day(task.startsAt)}, `}
          {clock(task.startsAt)} to {clock(task.endsAt)}
          {late && <span class="hidden-words"> Late</span>}
        </span>
      </p>
      <h3 id={title}>{task.title}</h3>
      {task.place && (
        <p class="where">
          <Icon name="map-pin" />
          {task.place}
        </p>
      )}
      {task.note && <p>{task.note}</p>}
      {task.state !== 'todo' && task.state !== 'accepted' && (
        <p class={`state ${looks[task.state]}`}>
          <Icon name={icons[task.state]} />
          {names[task.state]}
          {task.reason && `: ${task.reason}`}
        </p>
      )}
      {made?.map((record) => (
        <a key={record.instanceId} class="made" href={`#/record/${record.instanceId}`}>
          <Icon name="check" />
          {record.title}
        </a>
      ))}
      {isOpen(task) && !asking && (
        <div class="buttons">
          {form && (
            <Button icon={form.icon ?? 'file-text'} onPress={() => beginOn(task, form)} describedBy={title}>
              {form.title}
            </Button>
          )}
          {task.state !== 'doing' && (
            <Button icon="arrow-right" onPress={() => onSay('doing')} describedBy={title}>
              Doing
            </Button>
          )}
          <Button kind="large" class="done" icon="check" onPress={() => onSay('done')} describedBy={title}>
            Done
          </Button>
          <Button onPress={() => setAsking(true)} describedBy={title}>
            Could not
          </Button>
        </div>
      )}
      {asking && (
        <WhyNot
          onSay={(reason) => {
            setAsking(false)
            return onSay('not_done', reason)
          }}
          onLeave={() => setAsking(false)}
        />
      )}
    </>
  )
}

/** One tap says why; what none of these says is typed. */
function WhyNot({ onSay, onLeave }: { onSay: (reason: string) => unknown; onLeave: () => void }) {
  const [other, setOther] = useState('')
  const say = () => (other.trim() ? onSay(other.trim().slice(0, 200)) : undefined)
  return (
    <fieldset class="why-not">
      <legend>Why not?</legend>
      <div class="buttons">
        {REASONS.map((reason) => (
          <Button key={reason} onPress={() => onSay(reason)}>
            {reason}
          </Button>
        ))}
      </div>
      <label for="why-other">Something else</label>
      <input
        id="why-other"
        class="box"
        maxLength={200}
        value={other}
        onInput={(event) => setOther(event.currentTarget.value)}
      />
      <div class="buttons">
        {other.trim() && (
          <Button kind="large" onPress={say}>
            Save
          </Button>
        )}
        <LinkButton onPress={onLeave}>Back</LinkButton>
      </div>
    </fieldset>
  )
}

/** The form that a task opens, when this phone may fill it in. */
async function usable(formId: string | null): Promise<Form | null> {
  if (!formId || !(await forms()).some((form) => form.formId === formId)) return null
  return formOf(formId)
}

async function madeOn(taskId: string): Promise<RecordView[]> {
  return (await records()).filter((record) => record.taskId === taskId)
}

function beginOn(task: Task, form: Form): Promise<void> {
  const answers = task.place && form.fields.some((field) => field.name === 'place_text') ? { place_text: task.place } : {}
  return begin(form, answers, { taskId: task.taskId })
}

/** The time now, told again each half minute: a task becomes late while somebody looks. */
function useMinutes(): Date {
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 30_000)
    return () => clearInterval(timer)
  }, [])
  return now
}

const names: Record<TaskState, string> = {
  todo: 'To do',
  accepted: 'Accepted',
  doing: 'Doing',
  done: 'Done',
  not_done: 'Not done',
}
const said: Record<TaskState, string> = {
  todo: 'Back to do.',
  accepted: 'Accepted.',
  doing: 'You are on it.',
  done: 'Done.',
  not_done: 'Not done.',
}
const icons: Record<TaskState, string> = {
  todo: 'clock',
  accepted: 'clock',
  doing: 'arrow-right',
  done: 'check',
  not_done: 'circle-x',
}
const looks: Record<TaskState, string> = { todo: '', accepted: '', doing: 'waiting', done: 'sent', not_done: 'rejected' }
