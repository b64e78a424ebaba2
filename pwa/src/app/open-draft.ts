/** The record that is open on the screen: its answers, and the promise that each change reaches the disk. */
import { answerAt, withAnswer, type Near, type Path, type Removed, type Sheet } from '../fields/sheet.ts'
import { lastOf, type Finding } from '../forms/answers.ts'
import { askForPersistence } from '../session.ts'
import {
  discardDraft,
  draft as draftOf,
  finish,
  form as formOf,
  lastAnswers,
  nearby,
  photosOf,
  saveDraft,
  startDraft,
  takeInHand,
} from '../store/index.ts'
import type { Answers, Draft, Field, Form, Location, Photo } from '../types.ts'
import { DraftPhotos, withPhotosKept } from './draft-photos.ts'
import { DraftPlace } from './draft-place.ts'
import { go } from './route.ts'
import { everyField, rulesFor, type Rules } from './rules.ts'
import { sentence } from './trouble.tsx'

/** The question of a form that holds the record it was opened from. */
export const PART_OF = 'part_of'
const PAUSE = 300 // ms after the last change: no letter typed is older than that when the battery goes

/** What a new record of this form begins with. */
export async function startingAnswers(form: Form): Promise<Answers> {
  const [rules, last] = await Promise.all([rulesFor(form), lastAnswers(form.formId)])
  return rules.begun(last)
}

let begun: { draft: Draft; form: Form } | null = null

export class OpenDraft {
  draft: Draft
  readonly form: Form
  savedAt: string | null
  /** Why the last save failed; null once one has worked again. */
  failure: string | null = null
  /** What is wrong now, beside the questions it concerns. */
  problems: Record<Path, string> = {}
  /** What the last try to finish found, and what has been put right since: a list that shrinks moves the page. */
  reported: { path: Path; message: string }[] = []
  removed: Removed | null = null

  private readonly rules: Rules
  private readonly changed: () => void
  private readonly photos: DraftPhotos
  private readonly place: DraftPlace
  private readonly near: Near[]
  private readonly visited = new Set<Path>()
  private timer: ReturnType<typeof setTimeout> | undefined
  private saving: Promise<void> = Promise.resolve()
  private unsaved = false
  private touched: boolean
  private closed = false

  /** Begins a record; its screen opens without reading back what is in hand. */
  static async begin(form: Form, given: Answers = {}): Promise<string> {
    const draft = await startDraft(form, { answers: { ...(await startingAnswers(form)), ...given } })
    begun = { draft, form }
    return draft.instanceId
  }

  static async open(instanceId: string, changed: () => void): Promise<OpenDraft | null> {
    const isNew = begun?.draft.instanceId === instanceId
    const found = isNew ? begun : await find(instanceId)
    begun = null
    if (!found) return null
    const { draft, form } = found
    const [photos, rules, near] = await Promise.all([photosOf(instanceId), rulesFor(form), nearTo(form)])
    const answers = rules.calculated(withPhotosKept(form.fields, draft.answers, photos))
    return new OpenDraft({ ...draft, answers }, form, photos, rules, near, changed, !isNew)
  }

  private constructor(
    draft: Draft,
    form: Form,
    photos: Photo[],
    rules: Rules,
    near: Near[],
    changed: () => void,
    touched: boolean,
  ) {
    this.draft = draft
    this.form = form
    this.rules = rules
    this.near = near
    this.changed = changed
    this.savedAt = draft.changedAt
    this.touched = touched || draft.replaces !== null // one that was left before was worth keeping then
    this.photos = new DraftPhotos(draft, photos, (path, digests) => this.put(path, digests), changed)
    this.place = new DraftPlace(draft, (fix) => this.setPlace(fix), changed)
  }

  /** What the questions on the page see of it. */
  get sheet(): Sheet {
    const { draft, form, rules, photos, place } = this
    return {
      form,
      answers: draft.answers,
      photos: photos.all,
      photosBusy: photos.busy,
      photoTrouble: photos.trouble,
      location: draft.location,
      placeWords: place.inWords(),
      placeFixed: draft.location !== null && place.isFixed(),
      removed: this.removed,
      problems: this.problems,
      now: () => new Date(),
      isShown: rules.shown(draft.answers),
      isRequired: (field, path) => rules.isRequired(field, draft.answers, path),
      newRow: rules.newRow,
      choicesOf: (field, path) => rules.choicesOf(field, draft.answers, path),
      change: (path, value) => this.change(path, value),
      clear: (path, value, what = 'Removed.') => this.clear(path, value, what),
      save: () => this.save(),
      addPhotos: (path, files) => this.addPhotos(path, files),
      removePhoto: (photo) => this.removePhoto(photo),
      wrongWith: (path, value) => rules.wrongWith(draft.answers, path, value),
      nearby: this.near,
      openForm: (note, path) => this.openForm(note, path),
      usePlaceNow: () => {
        place.useNow()
        this.changed()
      },
    }
  }

  change(path: Path, value: unknown): void {
    this.removed = null
    this.put(path, value)
    this.changed()
  }

  /** The person has moved on from a question: now its answer may be called wrong, not at the first letter. */
  left(path: Path): void {
    if (this.closed || this.visited.has(path)) return
    this.visited.add(path)
    this.look()
    this.changed()
  }

  /** Resolves when everything changed so far is on the disk, or its failure is on the screen. */
  async save(): Promise<void> {
    clearTimeout(this.timer)
    if (!this.unsaved || this.closed) return this.saving
    this.unsaved = false
    const wanted = this.draft
    this.saving = this.saving.then(() => this.write(wanted))
    return this.saving
  }

  /** Freezes the record, or shows what is still wrong with it. */
  async finish(): Promise<boolean> {
    await this.photos.settled
    this.reported = firstOfEach(this.rules.findings(this.draft.answers))
    this.look()
    this.changed()
    if (this.reported.length) return false
    await this.save()
    if (this.failure) return false
    const final = { ...this.draft, answers: this.rules.cleaned(this.draft.answers) }
    try {
      await finish(final, this.form, this.rules.titleOf, lastOf(this.form, final.answers))
    } catch (error) {
      this.failure = sentence(error)
      this.changed()
      return false
    }
    this.close()
    navigator.vibrate?.(20) // felt through a glove; the screen says the same
    void askForPersistence() // rather after the first record than on an empty phone: browsers grant it to what is used
    return true
  }

  async discard(): Promise<void> {
    await this.save()
    this.close()
    await discardDraft(this.draft.instanceId)
  }

  /** Leaves the screen. A record nobody put anything into is not kept as "unfinished". */
  async leave(): Promise<void> {
    if (this.closed) return
    if (this.touched) {
      await this.photos.settled
      await this.save()
      this.close()
    } else {
      this.close()
      await discardDraft(this.draft.instanceId)
    }
  }

  private close(): void {
    this.closed = true
    clearTimeout(this.timer)
    this.place.stop()
  }

  private put(path: Path, value: unknown): void {
    this.touched = true
    this.draft = { ...this.draft, answers: this.rules.calculated(withAnswer(this.draft.answers, path, value)) }
    this.look()
    this.saveSoon()
  }

  private setPlace(fix: Location): void {
    const { latitude, longitude, accuracy } = fix
    const answers = this.rules.placed(this.draft.answers, { latitude, longitude, accuracy })
    this.draft = { ...this.draft, location: fix, answers }
    this.saveSoon()
  }

  private saveSoon(): void {
    this.unsaved = true
    takeInHand(this.draft)
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.save(), PAUSE)
  }

  private async write(wanted: Draft): Promise<void> {
    try {
      const saved = saveDraft(wanted)
      takeInHand(this.draft) // what was typed since is newer than what is being saved
      await saved
      this.savedAt = new Date().toISOString()
      this.failure = null
    } catch (error) {
      this.failure = sentence(error)
      this.unsaved = true
    }
    this.changed()
  }

  private clear(path: Path, value: unknown, what: string): void {
    const before = answerAt(this.draft.answers, path)
    this.change(path, value)
    this.removed = { path, what, undo: () => this.change(path, before) }
    this.changed()
  }

  private async addPhotos(path: Path, files: File[]): Promise<void> {
    if (files.length === 0) return
    this.removed = null
    this.touched = true
    await this.photos.add(path, files)
    await this.save()
  }

  private async removePhoto(photo: Photo): Promise<void> {
    await this.photos.remove(photo)
    const undo = async () => {
      this.removed = null
      await this.photos.restore(photo)
      this.changed()
    }
    this.removed = { path: photo.field, what: 'Removed.', undo }
    this.changed()
  }

  /** What belongs elsewhere is written there; this record waits, unfinished, and its number goes along. */
  private async openForm({ opens = '', gives = {} }: Field, path: Path): Promise<void> {
    const form = await formOf(opens)
    if (!form) return
    await this.save()
    const asked = new Map(everyField(form.fields).map((field) => [field.name, field]))
    const beside = path.split('/').slice(0, -1)
    const given: Answers = {}
    for (const [theirs, ours] of Object.entries({ ...gives })) {
      const answer = answerAt(this.draft.answers, [...beside, ours].join('/')) ?? answerAt(this.draft.answers, ours)
      const isList = asked.get(theirs)?.type === 'select_multiple' && !Array.isArray(answer)
      if (answer !== undefined && asked.has(theirs)) given[theirs] = isList ? [answer] : answer
    }
    if (asked.has(PART_OF)) given[PART_OF] = this.draft.instanceId
    go(`/form/${await OpenDraft.begin(form, given)}`)
  }

  /** An answer is missing once somebody has tried to finish; it is wrong as soon as it has been left. */
  private look(): void {
    if (this.reported.length === 0 && this.visited.size === 0) return
    const asked = new Set(this.reported.map(({ path }) => path))
    const said = this.rules
      .findings(this.draft.answers)
      .filter(({ field, code }) => asked.has(field) || (code !== 'required' && this.visited.has(field)))
    this.problems = Object.fromEntries(firstOfEach(said).map(({ path, message }) => [path, message]))
  }
}

async function find(instanceId: string): Promise<{ draft: Draft; form: Form } | null> {
  const draft = await draftOf(instanceId)
  const form = draft && ((await formOf(draft.formId, draft.formVersion)) ?? (await formOf(draft.formId)))
  return draft && form ? { draft: { ...draft, formVersion: form.version }, form } : null // it says by which it was read
}

/** Read only for forms that ask whether it was recorded before. */
async function nearTo(form: Form): Promise<Near[]> {
  const asks = everyField(form.fields).some(({ appearance }) => (appearance ?? '').split(' ').includes('nearby'))
  return asks ? nearby(form.formId) : []
}

/** One line a question is enough. */
function firstOfEach(found: Finding[]): { path: Path; message: string }[] {
  const first = new Map<Path, string>()
  for (const { field, message } of found) if (!first.has(field)) first.set(field, message)
  return [...first].map(([path, message]) => ({ path, message }))
}
