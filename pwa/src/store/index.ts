/** What this phone keeps: forms, drafts, photos and records, each written to disk before anyone is told it is saved. */
import type { Answers, Draft, Form, Photo, RecordDetail, RecordView, StorageReport } from '../types.ts'

export { PhotoUnreadable, StoreFull, StoreUnavailable } from './problems.ts'

const later = (): never => {
  throw new Error('under construction')
}
export const openStore = async (): Promise<void> => later()
export const forms = async (): Promise<Form[]> => later()
export const form = async (_formId: string, _version?: string): Promise<Form | null> => later()
export const list = async (_name: string): Promise<Record<string, string>[]> => later()
export const startDraft = async (_form: Form, _given?: { answers?: Answers; replaces?: string }): Promise<Draft> => later()
export const saveDraft = async (_draft: Draft): Promise<void> => later()
export const drafts = async (): Promise<Draft[]> => later()
export const draft = async (_instanceId: string): Promise<Draft | null> => later()
export const discardDraft = async (_instanceId: string): Promise<void> => later()
export const restoreDraft = async (_instanceId: string): Promise<Draft | null> => later()
/** Puts nothing into draft.answers: the screen adds photo.sha256 to the field's array. A photo no answer names is added to its field at finish(). */
export const addPhoto = async (_draft: Draft, _field: string, _file: Blob): Promise<Photo> => later()
export const removePhoto = async (_photoId: string): Promise<void> => later()
export const restorePhoto = async (_photoId: string): Promise<void> => later()
export const photosOf = async (_instanceId: string): Promise<Photo[]> => later()
export const photoBytes = async (_photoId: string): Promise<ArrayBuffer | null> => later()
export const finish = async (_draft: Draft, _form: Form, _title: string): Promise<void> => later()
/** Finished records, newest first. Drafts are not among them. */
export const records = async (): Promise<RecordView[]> => later()
export const record = async (_instanceId: string): Promise<RecordDetail | null> => later()
/** Null when its bytes may already have left this phone: then only a correction (`replaces`) can change it. */
export const pullBack = async (_instanceId: string): Promise<Draft | null> => later()
export const storageReport = async (): Promise<StorageReport> => later()
export const subscribe = (_listener: () => void): (() => void) => later()
