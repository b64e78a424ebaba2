/** What this phone keeps: forms, drafts, photos and records, each on the disk before anyone is told that it is saved. */
import { openDatabase } from './database.ts'
import { keepReserve, mark } from './device.ts'
import { settleDrafts } from './drafts.ts'

export { subscribe } from './database.ts'
export { storageReport } from './device.ts'
export { discardDraft, draft, drafts, restoreDraft, saveDraft, startDraft, takeInHand } from './drafts.ts'
export { exportable, exportUnsent, type ExportedFile } from './export.ts'
export { nearby } from './nearby.ts'
export { alerts, form, forms, lastAnswers, list, settings } from './forms.ts'
export { tryAgain } from './outbox.ts'
export { addPhoto, photoBytes, photosOf, removePhoto, restorePhoto } from './photos.ts'
export { PhotoGone, PhotoUnreadable, StoreFull, StoreUnavailable } from './problems.ts'
export { finish, pullBack, record, records } from './records.ts'

/** To be called before anything else. Throws StoreUnavailable with a sentence for the person. */
export async function openStore(): Promise<void> {
  await openDatabase()
  await mark()
  await settleDrafts()
  await keepReserve()
}
