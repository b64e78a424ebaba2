/** The record that is open on the screen: its answers, photos and place, and the promise that each change reaches the disk. */
import { answerAt, withAnswer, type Path, type Removed, type Sheet } from '../fields/sheet.ts'
import { defaultsOf, type Finding } from '../forms/answers.ts'
import { watchPlace } from '../place.ts'
import { askForPersistence } from '../session.ts'
import { addPhoto, discardDraft, draft as draftOf, finish, form as formOf, photosOf, removePhoto, restorePhoto, saveDraft, startDraft } from '../store/index.ts'
import type { Answers, Draft, Field, Form, Location, Photo } from '../types.ts'
import { rulesFor, type Rules } from './rules.ts'
import { sentence } from './trouble.tsx'

const PAUSE = 300 // ms after the last change: no letter typed is older than that when the battery goes
const SAME_SPOT = 10 * 60_000 // ms since the start in which a better fix is still the place of what was seen, not of the walk home

let begun: { draft: Draft; form: Form } | null = null

export class OpenDraft {
  draft: Draft
  photos: Photo[]
  readonly form: Form
  savedAt: string | null
  /** Why the last save failed; null once one has worked again. */
  failure: string | null = null
  /** What is wrong now, beside the questions it concerns. */
  problems: Record<Path, string> = {}
  /** What the last try to finish found, also what has been put right since: a list that shrinks under the finger moves the page. */
  reported: { path: Path; message: string }[] = []
  removed: Removed | null = null
  photosBusy: Record<Path, number> = {}
  photoTrouble: Record<Path, string> = {}
  placeWords = 'Looking for place…'

  private readonly rules: Rules
  private readonly changed: () => void
  private latest: Location | null = null
  /** Until then a better fix is taken. A correction keeps the place of the first report, a record carried on at the depot its own. */
  private followsUntil: number
  private timer: ReturnType<typeof setTimeout> | undefined
  private saving: Promise<void> = Promise.resolve()
  private unsaved = false
  private readonly visited = new Set<Path>()
  private touched: boolean
  private closed = false
  private shrinking: Promise<unknown> = Promise.resolve()
  private stopPlace: () => void = () => undefined

  /** Begins a record; its screen opens without reading back what is in hand. */
  static async begin(form: Form): Promise<string> {
    const draft = await startDraft(form, { answers: defaultsOf(form, { now: new Date() }) })
    begun = { draft, form }
    return draft.instanceId
  }

  static async open(instanceId: string, changed: () => void): Promise<OpenDraft | null> {
    const found = begun?.draft.instanceId === instanceId ? begun : await find(instanceId)
    begun = null
    if (!found) return null
    const { draft, form } = found
    const [photos, rules] = await Promise.all([photosOf(instanceId), rulesFor(form)])
    const answers = rules.calculated(withPhotosHere(form.fields, draft.answers, photos))
    return new OpenDraft({ ...draft, answers }, form, photos, rules, changed)
  }

  private constructor(draft: Draft, form: Form, photos: Photo[], rules: Rules, changed: () => void) {
    this.draft = draft
    this.form = form
    this.photos = photos
    this.rules = rules
    this.changed = changed
    this.savedAt = draft.changedAt
    this.followsUntil = draft.replaces === null ? Date.parse(draft.startedAt) + SAME_SPOT : 0
    this.touched = draft.changedAt !== draft.startedAt || photos.length > 0
    this.stopPlace = watchPlace((fix, words) => this.placeFound(fix, words))
  }

  /** What the questions on the page see of it. */
  get sheet(): Sheet {
    const { draft, form, rules } = this
    return {
      form,
      answers: draft.answers,
      photos: this.photos,
      photosBusy: this.photosBusy,
      photoTrouble: this.photoTrouble,
      location: draft.location,
      placeWords: this.isPlaceFixed() ? 'No place kept' : this.placeWords,
      placeFixed: draft.location !== null && this.isPlaceFixed(),
      removed: this.removed,
      problems: this.problems,
      now: () => new Date(),
      isShown: rules.shown(draft.answers),
      isRequired: (field, path) => rules.isRequired(field, draft.answers, path),
      choicesOf: (field, path) => rules.choicesOf(field, draft.answers, path),
      change: (path, value) => this.change(path, value),
      clear: (path, value, what = 'Removed.') => this.clear(path, value, what),
      save: () => this.save(),
      addPhotos: (path, files) => this.addPhotos(path, files),
      removePhoto: (photo) => this.takePhotoAway(photo),
      usePlaceNow: () => this.usePlaceNow(),
    }
  }

  change(path: Path, value: unknown): void {
    this.removed = null
    this.touched = true
    this.put(path, value)
    this.look()
    this.changed()
  }

  /** The person has moved on from a question: what is wrong with its answer may be said now, not at the first letter. */
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
    await this.shrinking
    this.reported = firstOfEach(this.rules.findings(this.draft.answers))
    this.look()
    if (this.reported.length) {
      this.changed()
      return false
    }
    await this.save()
    if (this.failure) return false
    const final = { ...this.draft, answers: this.rules.cleaned(this.draft.answers) }
    try {
      await finish(final, this.form, this.rules.titleOf(final.answers))
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
    if (!this.touched && !this.draft.replaces) {
      this.close()
      await discardDraft(this.draft.instanceId)
      return
    }
    await this.shrinking
    await this.save()
    this.close()
  }

  private close(): void {
    this.closed = true
    clearTimeout(this.timer)
    this.stopPlace()
  }

  private put(path: Path, value: unknown): void {
    const answers = this.rules.calculated(withAnswer(this.draft.answers, path, value))
    this.draft = { ...this.draft, answers }
    this.saveSoon()
  }

  private saveSoon(): void {
    this.unsaved = true
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.save(), PAUSE)
  }

  private async write(wanted: Draft): Promise<void> {
    try {
      await saveDraft({ ...wanted, changedAt: new Date().toISOString() })
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

  /** Each photo is stored by itself, the moment it is small enough; one that fails does not stop the next. */
  private async addPhotos(path: Path, files: File[]): Promise<void> {
    if (files.length === 0) return
    this.removed = null
    this.touched = true
    this.photoTrouble = { ...this.photoTrouble, [path]: '' }
    this.countBusy(path, files.length)
    const work = files.map((file) => this.addOne(path, file))
    this.shrinking = Promise.all([this.shrinking, ...work])
    await Promise.all(work)
    await this.save()
  }

  private async addOne(path: Path, file: File): Promise<void> {
    try {
      const photo = await addPhoto(this.draft, path, file)
      this.photos = [...this.photos, photo]
      this.listPhotos(path)
    } catch (error) {
      this.photoTrouble = { ...this.photoTrouble, [path]: sentence(error) }
    }
    this.countBusy(path, -1)
  }

  private async takePhotoAway(photo: Photo): Promise<void> {
    await removePhoto(photo.id)
    this.photos = this.photos.filter((each) => each.id !== photo.id)
    this.listPhotos(photo.field)
    this.removed = { path: photo.field, what: 'Removed.', undo: () => this.bringBack(photo) }
    this.changed()
  }

  private async bringBack(photo: Photo): Promise<void> {
    await restorePhoto(photo.id)
    this.photos = [...this.photos, photo].sort((one, other) => one.takenAt.localeCompare(other.takenAt))
    this.removed = null
    this.listPhotos(photo.field)
    this.changed()
  }

  private listPhotos(path: Path): void {
    this.put(path, this.photos.filter((photo) => photo.field === path).map((photo) => photo.sha256))
    this.look()
  }

  private countBusy(path: Path, more: number): void {
    this.photosBusy = { ...this.photosBusy, [path]: (this.photosBusy[path] ?? 0) + more }
    this.changed()
  }

  private placeFound(fix: Location | null, words: string): void {
    this.placeWords = words
    this.latest = fix
    if (fix && !this.isPlaceFixed()) this.setPlace(fix)
    this.changed()
  }

  private isPlaceFixed(): boolean {
    return Date.now() > this.followsUntil
  }

  private usePlaceNow(): void {
    this.followsUntil = Date.now() + SAME_SPOT
    if (this.latest) this.setPlace(this.latest)
    this.changed()
  }

  private setPlace(fix: Location): void {
    const { latitude, longitude, accuracy } = fix
    this.draft = { ...this.draft, location: fix, answers: this.rules.placed(this.draft.answers, { latitude, longitude, accuracy }) }
    this.saveSoon()
  }

  /** A missing answer is only missing once somebody has tried to finish; a wrong one is wrong as soon as it has been left. */
  private look(): void {
    if (this.reported.length === 0 && this.visited.size === 0) return
    const asked = new Set(this.reported.map(({ path }) => path))
    const said = this.rules.findings(this.draft.answers)
      .filter(({ field, code }) => asked.has(field) || (code !== 'required' && this.visited.has(field)))
    this.problems = Object.fromEntries(firstOfEach(said).map(({ path, message }) => [path, message]))
  }
}


async function find(instanceId: string): Promise<{ draft: Draft; form: Form } | null> {
  const draft = await draftOf(instanceId)
  const form = draft && ((await formOf(draft.formId, draft.formVersion)) ?? (await formOf(draft.formId)))
  return draft && form ? { draft, form } : null
}

/** One line a question is enough. */
function firstOfEach(found: Finding[]): { path: Path; message: string }[] {
  const first = new Map<Path, string>()
  for (const { field, message } of found) if (!first.has(field)) first.set(field, message)
  return [...first].map(([path, message]) => ({ path, message }))
}

/** Only photos that are on this phone: a record cannot be finished with one that is not, so the form asks for it again. */
function withPhotosHere(fields: Field[], answers: Answers, photos: Photo[]): Answers {
  const here = new Set(photos.map((photo) => photo.sha256))
  return fields.reduce((so, field) => {
    if (field.type === 'group') return withPhotosHere(field.fields ?? [], so, photos)
    const value = so[field.name]
    return field.type === 'image' && Array.isArray(value) ? withAnswer(so, field.name, value.filter((each) => here.has(each))) : so
  }, answers)
}
