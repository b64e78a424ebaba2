/** After Finish: it is on the phone, what happens next, and the two ways on. */
import { draft as draftOf, form as formOf, record, reportTask, tasks } from '../store/index.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { reference, words } from '../ui/words.ts'
import { Frame } from './frame.tsx'
import { begin } from './home.tsx'
import { PART_OF } from './open-draft.ts'
import { useStatus, useStored } from './stored.ts'
import { isOpen } from './tasks.ts'

export function Done({ instanceId }: { instanceId: string }) {
  const kept = useStored(() => record(instanceId), [instanceId])
  const form = useStored(async () => (kept ? formOf(kept.formId) : null), [kept?.formId])
  const whole = useStored(() => draftOf(String(kept?.answers[PART_OF] ?? '')), [kept?.instanceId])
  const status = useStatus()
  const isSent = kept?.state === 'sent' || kept?.state === 'approved'
  return (
    <Frame
      title="Saved on this phone"
      back={{ to: '/', name: words.home }}
      lead={
        <p class="tick">
          <Icon name="check" />
        </p>
      }
      bottom={
        <>
          <a class="button large" href="#/">
            <Icon name="house" />
            {words.home}
          </a>
          {whole && (
            <a class="button primary" href={`#/form/${whole.instanceId}`}>
              Carry on
            </a>
          )}
          {form && !whole && (
            <Button kind="primary" onPress={() => begin(form)}>
              Another {form.title.toLowerCase()}
            </Button>
          )}
        </>
      }
    >
      <p class="next" role="status">
        {isSent ? `${kept?.words}.` : `${status.words}. ${words.goesByItself}`}
      </p>
      {kept?.taskId && <TaskDone taskId={kept.taskId} />}
      <p class="reference">
        <span class="quiet">{kept?.title ?? 'Reference'}</span>
        <strong>{reference(instanceId)}</strong>
      </p>
    </Frame>
  )
}

/** A record made on a task is often its end. */
function TaskDone({ taskId }: { taskId: string }) {
  const task = useStored(async () => (await tasks()).find((one) => one.taskId === taskId) ?? null, [taskId])
  if (!task) return null
  if (!isOpen(task)) return <p class="next">Task done: {task.title}</p>
  return (
    <p class="task-done">
      <span>Made on your task: {task.title}</span>
      <Button kind="large" icon="check" onPress={() => reportTask(taskId, 'done')}>
        The task is done
      </Button>
    </p>
  )
}
