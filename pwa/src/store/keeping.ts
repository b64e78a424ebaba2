/** The rule by which a phone may let go of what it has sent. */
import type { RecordRow } from './database.ts'

/** What the server last said of itself. */
export interface ServerState {
  epoch: string
  safeSeq: number
  serverTime: string | null
}

const GRACE_DAYS = 14 // where nobody verifies backups, a phone must not fill up for ever
export const SUMMARY_DAYS = 30 // how long a sent record stays in the list
export const RECEIPT_DAYS = 90 // how long a receipt can still show a restored server what it lost

const DAY = 86_400_000

/**
 * A payload goes only with a receipt for exactly these bytes, nothing missing, vouched for in the server's present epoch,
 * and either inside a verified backup or after the grace period. A refusal never lets anything go.
 * Only the server's clock counts: the phone's own may be wrong by years.
 */
export function mayForget(row: RecordRow, confirmedEpoch: string | null, server: ServerState): boolean {
  const receipt = row.receipt
  if (!row.bytes || !receipt || row.refusal) return false
  if (receipt.instanceId !== row.instanceId || receipt.digest !== row.digest) return false
  if (row.missing.length > 0 || confirmedEpoch !== server.epoch) return false
  return receipt.seq <= server.safeSeq || graceIsOver(receipt.receivedAt, server.serverTime)
}

/**
 * Whether there is a wish to: a record that may still come back from review stays readable, photos and all, while there is room.
 */
export function isDoneWith(row: RecordRow, server: ServerState, crowded: boolean): boolean {
  if (crowded || row.replacedBy || !row.receipt) return true
  if (row.review && row.review.reviewState !== 'hasIssues' && row.review.reviewState !== 'received') return true
  return graceIsOver(row.receipt.receivedAt, server.serverTime)
}

function graceIsOver(receivedAt: string, serverTime: string | null): boolean {
  return serverTime !== null && Date.parse(serverTime) - Date.parse(receivedAt) > GRACE_DAYS * DAY
}
