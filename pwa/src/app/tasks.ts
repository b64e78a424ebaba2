/** How tasks stand to the clock: what is late, what is for today, what comes and what is over. */
import type { Task } from '../types.ts'
import { isOpen } from '../store/day.ts'
import { localDay } from '../ui/time.ts'

export type Part = 'late' | 'today' | 'later' | 'ended'

export { isOpen }

/** In that order, the empty parts left out. One that was just pressed (`held`) stays where it was, under the finger. */
export function sorted(tasks: Task[], now: Date, held?: string): { part: Part; tasks: Task[] }[] {
  const parts: Part[] = ['late', 'today', 'later', 'ended']
  return parts
    .map((part) => ({ part, tasks: tasks.filter((task) => partOf(task, now, task.taskId === held) === part) }))
    .filter((one) => one.tasks.length > 0)
}

export function isLate(task: Task, now: Date): boolean {
  return isOpen(task) && Date.parse(task.endsAt) <= now.getTime()
}

/** "3 to do, 1 late" */
export function summary(tasks: Task[], now: Date): string {
  const today = tasks.filter((task) => isOpen(task) && localDay(new Date(task.startsAt)) <= localDay(now))
  const late = today.filter((task) => isLate(task, now)).length
  if (today.length === 0) return 'Nothing to do'
  return late ? `${today.length} to do, ${late} late` : `${today.length} to do`
}

function partOf(task: Task, now: Date, held: boolean): Part {
  if (!isOpen(task) && !held) return 'ended'
  if (Date.parse(task.endsAt) <= now.getTime()) return 'late'
  return localDay(new Date(task.startsAt)) <= localDay(now) ? 'today' : 'later'
}
