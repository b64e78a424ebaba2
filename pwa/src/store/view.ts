/** How a record is spoken of on the phone: its state, the words for it, and why. */
import type { HistoryLine, RecordState, RecordView } from '../types.ts'
import type { RecordRow, Review } from './database.ts'

/** What the sender is doing at this moment, which no row on the disk can know. */
export interface Activity {
  /** Records under way in any tab of this phone. */
  sending: Set<string>
  /** Why nothing goes now: 'no signal', 'next try in 40 s'. */
  holdUp: string | null
}

export function viewOf(row: RecordRow, activity: Activity): RecordView {
  const state = stateOf(row, activity)
  const photosTotal = row.attachments.length
  const photosSent = photosTotal - unsentPhotos(row)
  return {
    instanceId: row.instanceId,
    formId: row.formId,
    title: row.title || row.formTitle, // a locked phone, or another person's
    state,
    words: wordsOf(row, state, photosSent),
    detail: detailOf(row, state, activity),
    capturedAt: row.capturedAt,
    photosSent,
    photosTotal,
    receipt: row.receipt,
    place: row.place,
    changedAt: row.changedAt,
    taskId: row.links?.taskId ?? null,
  }
}

/** Whether something of it still has to reach the server by itself. */
export function isUnsent(row: RecordRow): boolean {
  if (row.state === 'redacted' || row.state === 'lost' || row.bytes === null) return false
  if (row.receipt === null) return row.refusal === null
  return row.attachments.some(({ sha256 }) => row.missing.includes(sha256) && !row.setAside.includes(sha256))
}

/** Whether a person has to look: refused, or sent back and not yet answered with a new record. */
export function needsAttention(row: RecordRow): boolean {
  if (row.replacedBy) return false
  return row.refusal !== null || row.review?.reviewState === 'hasIssues'
}

/** Four letters a person can read out over the radio, taken from the receipt's link in the server's chain. */
export function receiptCode(chain: string): string {
  let bits = Number.parseInt(chain.slice(0, 5), 16)
  if (!Number.isFinite(bits)) return chain.slice(0, 4).toUpperCase()
  let code = ''
  for (let letter = 0; letter < 4; letter++) {
    code = LETTERS[bits % 32] + code
    bits = Math.floor(bits / 32)
  }
  return code
}

export function historyOf(row: RecordRow): HistoryLine[] {
  return [...row.history].sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

/** '09:43' today, '21 Nov 09:43' otherwise. */
export function clockTime(at: string, now: number = Date.now()): string {
  const moment = new Date(at)
  const time = moment.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  if (moment.toDateString() === new Date(now).toDateString()) return time
  return `${moment.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${time}`
}

function stateOf(row: RecordRow, activity: Activity): RecordState {
  if (row.replacedBy && (row.refusal || row.review?.reviewState === 'hasIssues')) return 'mended'
  if (row.refusal) return 'stuck'
  if (row.review?.reviewState === 'approved') return 'approved'
  if (row.review?.reviewState === 'rejected') return 'rejected'
  if (row.review?.reviewState === 'hasIssues') return 'returned'
  if (isUnsent(row)) return activity.sending.has(row.instanceId) ? 'sending' : 'waiting'
  return row.state === 'held' ? 'held' : 'sent'
}

function wordsOf(row: RecordRow, state: RecordState, photosSent: number): string {
  switch (state) {
    case 'stuck':
      return 'Not accepted'
    case 'approved':
      return row.review?.reviewer ? `Approved by ${row.review.reviewer}` : 'Approved'
    case 'returned':
      return `Sent back${reasonWords(row.review)}`
    case 'rejected':
      return `Not accepted${reasonWords(row.review)}`
    case 'mended':
      return 'Mended with a new record'
    case 'sending':
      return `Sending ${Math.min(partsSent(row, photosSent) + 1, parts(row))} of ${parts(row)}`
    case 'waiting':
      return row.receipt ? `Record sent ${clockTime(row.receipt.receivedAt)}, photos waiting` : 'Waiting to send'
    case 'held':
      return 'Sent, kept safe'
    default:
      return sentWords(row)
  }
}

function sentWords(row: RecordRow): string {
  if (row.state === 'redacted') return 'Removed at the office'
  if (row.state === 'lost') return 'Lost at the office'
  return row.receipt ? `Sent ${clockTime(row.receipt.receivedAt)}, receipt ${receiptCode(row.receipt.chain)}` : 'Sent'
}

function detailOf(row: RecordRow, state: RecordState, activity: Activity): string | null {
  if (state === 'mended') return null
  if (row.refusal) return row.refusal.detail
  if (state === 'approved' || state === 'returned' || state === 'rejected') return row.review?.note ?? null
  if (state === 'waiting') return activity.holdUp
  if (state === 'held') return 'The server does not know this form yet. It will read the record when it does.'
  if (row.state === 'lost')
    return 'The server was restored from an older copy and has been told that this record is gone.'
  return null
}

function reasonWords(review: Review | null): string {
  const words = review?.reasonWords ?? review?.reason?.replaceAll('_', ' ')
  return words ? `: ${words.charAt(0).toLowerCase()}${words.slice(1)}` : ''
}

/** The record and each of its photos. */
function parts(row: RecordRow): number {
  return 1 + row.attachments.length
}

function partsSent(row: RecordRow, photosSent: number): number {
  return row.receipt ? 1 + photosSent : 0
}

function unsentPhotos(row: RecordRow): number {
  if (!row.receipt) return row.attachments.length
  return row.attachments.filter((attachment) => row.missing.includes(attachment.sha256)).length
}

const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ' // Crockford's: nothing that reads as something else
