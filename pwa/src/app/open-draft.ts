/** The record that is open on the screen: its answers, and the promise that each change reaches the disk. */
import {
  answerAt,
  isEmpty,
  PLACE,
  withAnswer,
  type Near,
  type Path,
  type PlacesKnown,
  type Removed,
  type Sheet,
} from '../fields/sheet.ts'
import { lastOf, type Finding } from '../forms/answers.ts'
import { askForPersistence } from '../session.ts'
import {
  discardDraft,
  draft as draftOf,
  finish,
  form as formOf,
  lastAnswers,
  lists,
  nearby,
  nextNotice,
  photoBytes,
  photosOf,
  placesUsed,
  saveDraft,
  startDraft,
  takeInHand,
  uncoveredBytes,
} from '../store/index.ts'
import type { Answers, Cover, Draft, Field, Form, Issue, Links, Location, Photo } from '../types.ts'
import { stamp } from '../ui/time.ts'
import { DraftPhotos } from './draft-photos.ts'
import { DraftPlace } from './draft-place.ts'
import { withPhotos, withPhotosKept } from './photo-answers.ts'
import { go } from './route.ts'
import { everyField, rulesFor, type Rules } from './rules.ts'
import { sentence } from './trouble.tsx'

/** The question of a form that holds the record it was opened from. */
export const PART_OF = 'part_of'
const PAUSE = 300 // ms after the last change: no letter typed is older than that when the battery goes

const PLACE_TEXT = 'place_text' // what every form calls its question for the place in words
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
  private placeTitles = new Set<string>()

  /** Begins a record, with what is known already; its screen opens without reading back what is in hand. */
  static async begin(form: Form, given: Answers = {}, links?: Links): Promise<string> {
    const draft = await startDraft(form, { answers: { ...(await startingAnswers(form)), ...given }, links })
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
    this.photos = new DraftPhotos(draft, photos, (path) => this.listPhotos(path), changed)
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
      here: place.latest,
      hereWords: place.words,
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
      movePhoto: (photo, by) => this.withPhotos(() => photos.move(photo, by)),
      describePhoto: (photo, more) => this.withPhotos(() => photos.describe(photo, more)),
      coverPhoto: (photo, covers) => this.coverPhoto(photo, covers),
      photoBytes: (photo) => photoBytes(photo.id),
      uncoveredBytes: (photo) => uncoveredBytes(photo.id),
      addDrawing: (path, drawn, about) => this.withPhotos(() => photos.draw(path, drawn, about)),
      wrongWith: (path, value) => rules.wrongWith(draft.answers, path, value),
      nearby: this.near,
      openForm: (note, path) => this.openForm(note, path),
      usePlaceNow: () => {
        place.useNow()
        this.changed()
      },
      places: () => this.places(),
      choosePlace: (path, location, name) => this.choosePlace(path, location, name),
    }
  }

  change(path: Path, value: unknown): void {
    this.removed = null
    this.put(path, value)
    this.changed()
  }

  /** Somebody leaves the scene: noted, and safe before the screen changes. */
  async stepAway(path: Path): Promise<void> {
    this.change(path, stamp(new Date()))
    await this.save()
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

  /** Shows what is still wrong with the record. Answers whether nothing is. */
  async isSound(): Promise<boolean> {
    await this.photos.settled
    this.reported = firstOfEach(this.rules.findings(this.draft.answers))
    this.look()
    this.changed()
    return this.reported.length === 0
  }

  /** Whether it is a legal notice as it stands, and not only a record. */
  get isNotice(): boolean {
    const { issue } = this.form
    return issue !== undefined && this.rules.isSo(issue.when, this.draft.answers)
  }

  /** One answer of it in words, and what an expression of its form says. */
  wordsOf(name: string): string {
    return this.rules.wordsOf(name, this.draft.answers)
  }

  labelOf(name: string): string {
    return this.rules.labelOf(name)
  }

  says(expression: string): string {
    return this.rules.says(expression, this.draft.answers)
  }

  /** Gives the notice its number and its time, then freezes it. The number is kept before it is used: it is never used twice. */
  async issue(issue: Issue): Promise<boolean> {
    const now = new Date()
    const typed = issue.pad && this.draft.answers[issue.pad]
    const number = this.draft.answers[issue.number] ?? typed ?? (await nextNotice(issue.prefix, now))
    if (!number) {
      this.failure = 'The office has given this phone no code for its numbers yet. Find a signal once, or use the pad.'
      this.changed()
      return false
    }
    this.put(issue.number, number)
    this.put(issue.at, stamp(now))
    await this.save()
    return this.finish()
  }

  /** Freezes the record, or shows what is still wrong with it. */
  async finish(): Promise<boolean> {
    if (!(await this.isSound())) return false
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
    this.hold(withAnswer(this.draft.answers, path, value))
  }

  private listPhotos(path: Path): void {
    this.hold(withPhotos(this.draft.answers, path, this.photos.all))
  }

  private hold(answers: Answers): void {
    this.touched = true
    const calculated = this.rules.calculated(answers)
    this.draft = { ...this.draft, answers: this.rules.drafted(this.draft.answers, calculated) }
    this.look()
    this.saveSoon()
  }

  private setPlace(fix: Location): void {
    const { latitude, longitude, accuracy } = fix
    const answers = this.rules.placed(this.draft.answers, { latitude, longitude, accuracy })
    this.draft = { ...this.draft, location: fix, answers }
    this.saveSoon()
  }

  private async places(): Promise<PlacesKnown> {
    const [{ placesOf }, all, used] = await Promise.all([import('../places.ts'), lists(), placesUsed()])
    const known = placesOf(all)
    this.placeTitles = new Set([...known.map(({ title }) => title), ...used.map(({ title }) => title)])
    const lately = used.map(({ title, location: { latitude, longitude, accuracy } }) => ({
      title,
      latitude,
      longitude,
      reach: accuracy,
      icon: 'history',
    }))
    return { known, lately }
  }

  /** Its name answers "Where exactly?" too, unless somebody has written words of their own there. */
  private choosePlace(path: Path | null, location: Location, name: string | null): void {
    const { location: locationBefore, answers: before } = this.draft
    const { latitude, longitude, accuracy } = location
    const inRepeat = path !== null && path.includes('/')
    const written = before[PLACE_TEXT]
    const naming = name !== null && !inRepeat && (isEmpty(written) || this.placeTitles.has(String(written)))
    const changes = inRepeat ? [path] : [...this.rules.placeNames, ...(naming ? [PLACE_TEXT] : [])]
    const follow = inRepeat ? null : this.place.keepStill()
    this.touched = true
    if (inRepeat) this.put(path, { latitude, longitude, accuracy })
    else this.setPlace(location)
    if (naming && everyField(this.form.fields).some((field) => field.name === PLACE_TEXT)) this.put(PLACE_TEXT, name)
    const undo = () => {
      this.removed = null
      for (const each of changes) this.put(each, answerAt(before, each))
      if (!inRepeat) this.draft = { ...this.draft, location: locationBefore }
      follow?.()
      this.changed()
    }
    this.removed = { path: path ?? PLACE, what: 'Place changed.', undo }
    this.changed()
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
    const field = everyField(this.form.fields).find(({ name }) => name === path.split('/').at(-1))
    await this.photos.add(path, files, field)
    await this.save()
  }

  private async withPhotos(work: () => Promise<void>): Promise<void> {
    this.removed = null
    this.touched = true
    await work()
    this.changed()
  }

  private async coverPhoto(photo: Photo, covers: Cover[]): Promise<void> {
    const before = photo.covers ?? []
    await this.withPhotos(() => this.photos.cover(photo, covers))
    const what = covers.length > 0 ? 'Covered.' : 'Cover taken off.'
    const now = () => this.photos.all.find((each) => each.id === photo.id)
    const undo = async () => {
      const found = now()
      if (found) await this.withPhotos(() => this.photos.cover(found, before))
    }
    this.removed = { path: photo.field, what, undo }
    this.changed()
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
