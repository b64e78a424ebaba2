/** What this phone keeps: forms, drafts, photos and records, each on the disk before anyone is told that it is saved. */
import { openDatabase } from './database.ts'
import { keepReserve, mark } from './device.ts'
import { settleDrafts } from './drafts.ts'
import { lookAtLock } from './lock.ts'

export { cards, countShown } from './advice.ts'
export { subscribe } from './database.ts'
export { alertSeen, reportTask, tasks, unseenAlerts } from './day.ts'
export { storageReport } from './device.ts'
export { discardDraft, draft, drafts, putAway, restoreDraft, saveDraft, startDraft, takeInHand } from './drafts.ts'
export { exportable, exportUnsent, type ExportedFile } from './export.ts'
export { alerts, form, forms, lastAnswers, list, lists, settings } from './forms.ts'
export { lockNow, lockState, onLock, type LockState } from './lock.ts'
export { nearby } from './nearby.ts'
export { nextNotice } from './notices.ts'
export { standingOrder, type Order } from './orders.ts'
export { tryAgain } from './outbox.ts'
export {
  addDrawing,
  addPhoto,
  arrangePhotos,
  coverPhoto,
  describePhoto,
  inOrder,
  photoBytes,
  photosOf,
  removePhoto,
  restorePhoto,
  uncoveredBytes,
} from './photos.ts'
export type { Shrunk as Drawn } from './shrunk.ts'
export { PhotoGone, PhotoUnreadable, StoreFull, StoreUnavailable } from './problems.ts'
export { finish, ownRows, placesUsed, pullBack, record, records } from './records.ts'
export { isReport } from './reports.ts'

/** To be called before anything else. Throws StoreUnavailable with a sentence for the person. */
export async function openStore(): Promise<void> {
  await openDatabase()
  await lookAtLock()
  await mark()
  await settleDrafts()
  await keepReserve()
}
