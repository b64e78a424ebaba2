/** What the status strip says. */
import type { SyncStatus } from '../types.ts'

export type HoldUp = 'no-signal' | 'not-ours' | 'busy' | 'sign-in' | 'stopped'

/** What the sender knows of itself; the same in every tab. */
export interface Pulse {
  sending: string[]
  done: number
  total: number
  online: boolean | null
  holdUp: HoldUp | null
  nextTryAt: number | null
}

export function statusOf(pulse: Pulse, waiting: number, attention: number, now: number): SyncStatus {
  const sending = pulse.sending.length
  return {
    words: words(pulse, waiting, attention, now),
    signIn: pulse.holdUp === 'sign-in' && waiting > 0,
    tone: tone(pulse, waiting, attention),
    waiting,
    sending,
    attention,
    online: pulse.online,
    nextTryAt: pulse.nextTryAt,
  }
}

/** Why a waiting record waits; null when it is about to go. */
export function holdUpWords(pulse: Pulse, now: number): string | null {
  if (pulse.holdUp === 'no-signal') return 'no signal'
  if (pulse.holdUp === 'sign-in') return 'sign in to send'
  if (pulse.holdUp === 'stopped') return 'stopped by the office'
  if (pulse.holdUp === null || pulse.nextTryAt === null) return null
  const wait = pulse.nextTryAt - now
  return wait > 0 ? `next try in ${duration(wait)}` : null
}

function words(pulse: Pulse, waiting: number, attention: number, now: number): string {
  if (pulse.sending.length && waiting) return `Sending ${Math.min(pulse.done + 1, pulse.total)} of ${pulse.total}`
  if (pulse.holdUp === 'stopped') return 'Stopped by the office'
  if (pulse.holdUp === 'sign-in' && waiting) return 'Sign in to send'
  const needs = attention ? `${attention} ${attention === 1 ? 'needs' : 'need'} you` : null
  if (!waiting) return needs ?? 'All sent'
  if (needs) return `${needs}, ${waiting} waiting`
  const why = holdUpWords(pulse, now)
  return why ? `${waiting} waiting, ${why}` : `${waiting} waiting`
}

function tone(pulse: Pulse, waiting: number, attention: number): SyncStatus['tone'] {
  if (pulse.sending.length && waiting) return 'busy'
  if (attention || pulse.holdUp === 'stopped' || (pulse.holdUp === 'sign-in' && waiting)) return 'attention'
  return waiting ? 'waiting' : 'quiet'
}

function duration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
}
