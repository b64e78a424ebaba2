/** The day: the tasks and alerts that the office sent, and what this phone has said about them since. */
import type { Alert, Task, TaskState } from '../types.ts'
import { meta, setMeta, type Write } from './database.ts'
import { alerts } from './forms.ts'
import { report, TASK_STATE } from './reports.ts'

/** `said` is what was pressed here, until the office has answered it. */
interface TaskRow extends Task {
  said?: { state: TaskState; reason: string | null; at: string; instanceId: string }
}

const KEPT_AFTER = 3 * 24 * 3_600_000 // ms; what was finished before is the office's to show

/** In the order of time, as they stand by what this phone knows. */
export async function tasks(): Promise<Task[]> {
  const rows = (await meta<TaskRow[]>('tasks')) ?? []
  return rows.map(asTask).sort((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt))
}

/** Says how a task stands. It is on the disk when this resolves, and goes by itself. */
export async function reportTask(taskId: string, state: TaskState, reason: string | null = null): Promise<void> {
  const task = (await tasks()).find((one) => one.taskId === taskId)
  if (!task) return
  const answers = { task: taskId, title: task.title, state, ...(reason ? { reason } : {}) }
  await report(TASK_STATE, answers, `${stateWords[state]}: ${task.title}`, async (tx, instanceId) => {
    const rows = ((await tx.objectStore('meta').get('tasks')) as TaskRow[] | undefined) ?? []
    const said = { state, reason, at: new Date().toISOString(), instanceId }
    await tx.objectStore('meta').put(
      rows.map((row) => (row.taskId === taskId ? { ...row, said } : row)),
      'tasks',
    )
  })
}

/** What nobody here has looked at yet, newest first. */
export async function unseenAlerts(): Promise<Alert[]> {
  const [all, seen] = await Promise.all([alerts(), meta<string[]>('alertsSeen')])
  return all.filter((alert) => !seen?.includes(keyOf(alert)))
}

export async function alertSeen(alert: Alert): Promise<void> {
  await setMeta('alertsSeen', [...((await meta<string[]>('alertsSeen')) ?? []), keyOf(alert)])
}

/** Takes what changed. What was said here stays said until our report has a receipt: then the office's word counts. */
export async function takeDay(
  tx: Write,
  answer: { tasks?: Task[]; fresh?: boolean; alerts?: Alert[]; removed?: { tasks?: string[] } },
): Promise<void> {
  const store = tx.objectStore('meta')
  if (answer.alerts) {
    const standing = new Set(answer.alerts.map(keyOf))
    await store.put(
      (((await store.get('alertsSeen')) as string[] | undefined) ?? []).filter((id) => standing.has(id)),
      'alertsSeen',
    )
  }
  if (!answer.tasks) return
  const known = new Map((((await store.get('tasks')) as TaskRow[] | undefined) ?? []).map((row) => [row.taskId, row]))
  const rows = new Map(answer.fresh ? [] : known)
  for (const taskId of answer.removed?.tasks ?? []) rows.delete(taskId)
  for (const task of answer.tasks) {
    const said = known.get(task.taskId)?.said
    const record = said && (await tx.objectStore('records').get(said.instanceId))
    rows.set(task.taskId, record && !record.receipt ? { ...task, said } : task)
  }
  const now = Date.now()
  await store.put(
    [...rows.values()].filter((row) => isOpen(asTask(row)) || now - Date.parse(asTask(row).stateAt) < KEPT_AFTER),
    'tasks',
  )
}

export function isOpen(task: Task): boolean {
  return task.state !== 'done' && task.state !== 'not_done'
}

function keyOf({ instanceId, flag }: Alert): string {
  return `${instanceId} ${flag}`
}

function asTask({ said, ...task }: TaskRow): Task {
  return said ? { ...task, state: said.state, reason: said.reason, stateAt: said.at } : task
}

const stateWords: Record<TaskState, string> = {
  todo: 'To do',
  accepted: 'Accepted',
  doing: 'Doing',
  done: 'Done',
  not_done: 'Not done',
}
