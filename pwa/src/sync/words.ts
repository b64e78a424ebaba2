/** What the status strip says. */
import type { SyncStatus } from '../types.ts'

export type HoldUp = 'no-signal' | 'not-ours' | 'other-server' | 'full' | 'busy' | 'sign-in' | 'stopped'

/** What the sender knows of itself; the same in every tab. */
export interface Pulse {
  sending: string[]
  done: number
  total: number
  online: boolean | null
  holdUp: HoldUp | null
  nextTryAt: number | null
  /** What our server said about it, in a sentence. */
  why?: string | null
  ahead?: number | null
}

export function statusOf(pulse: Pulse, waiting: number, attention: number, now: number): SyncStatus {
  const sending = pulse.sending.length
  return {
    words: words(pulse, waiting, attention, now),
    answer: answer(pulse, waiting, attention, now),
    signIn: pulse.holdUp === 'sign-in' && waiting > 0,
    tone: tone(pulse, waiting, attention),
    waiting,
    sending,
    attention,
    online: pulse.online,
    nextTryAt: pulse.nextTryAt,
    ahead: pulse.ahead ?? null,
  }
}

/** Why a waiting record waits; null when it is about to go. */
export function holdUpWords(pulse: Pulse, now: number): string | null {
  if (pulse.holdUp === 'no-signal') return 'no signal'
  if (pulse.holdUp === 'not-ours') return 'Beatbook not reached'
  if (pulse.holdUp === 'other-server') return 'another Beatbook answers'
  if (pulse.holdUp === 'sign-in') return 'sign in to send'
  if (pulse.holdUp === 'stopped') return 'stopped by the office'
  if (pulse.holdUp === 'full') return 'the server is full'
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

function answer(pulse: Pulse, waiting: number, attention: number, now: number): string {
  const standing = `${words(pulse, waiting, attention, now)}.`
  return (pulse.holdUp && ANSWERS[pulse.holdUp]) ?? (pulse.why ? `${pulse.why} ${standing}` : standing)
}

function tone(pulse: Pulse, waiting: number, attention: number): SyncStatus['tone'] {
  if (pulse.sending.length && waiting) return 'busy'
  if (attention || pulse.holdUp === 'stopped' || pulse.holdUp === 'other-server') return 'attention'
  if (pulse.holdUp === 'sign-in' && waiting) return 'attention'
  return waiting ? 'waiting' : 'quiet'
}

function duration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
}

/** What "Send now" says where the strip's few words would not tell a person what to do. */
const ANSWERS: Partial<Record<HoldUp, string>> = {
  'no-signal': 'No signal. It will go by itself.',
  'not-ours': 'This network does not reach Beatbook. If it is public Wi-Fi, sign in to it, or use mobile data.',
  'other-server': 'Another Beatbook answers at this address. Nothing was sent to it. Tell your supervisor.',
  full: 'The server is full. Everything is kept on this phone, and goes by itself once there is room.',
}
