/** What a question may ask of the page it stands on: answers so far, place, photos, and ways to change them. */
import type { Place } from '../places.ts'
import type { Drawn } from '../store/index.ts'
import type { Answers, Choice, Cover, Field, Form, Location, Photo, PhotoAbout } from '../types.ts'

/** Where an answer lives: 'litter_kind', or 'people/0/name' inside a repeat. */
export type Path = string

/** Where "Undo" stands after the place of the whole record was changed; no question is called so. */
export const PLACE: Path = '*place'

export interface PlacesKnown {
  /** From the lists the office keeps. */
  known: Place[]
  /** Of records made on this phone, newest first. */
  lately: Place[]
}

export interface Removed {
  path: Path
  what: string
  undo: () => unknown
}

/** A record made before, on this phone or another. */
export interface Near {
  instanceId: string
  title: string
  at: string
  latitude: number
  longitude: number
}

export interface Sheet {
  form: Form
  answers: Answers
  photos: Photo[]
  /** Photos being made smaller, and those that could not be read, by the question they belong to. */
  photosBusy: Record<Path, number>
  photoTrouble: Record<Path, string>
  location: Location | null
  placeWords: string
  placeFixed: boolean
  /** Where the phone is now, whatever the record's place is, and what to say while it does not know. */
  here: Location | null
  hereWords: string
  removed: Removed | null
  /** What is wrong, by path, in the form's own words; empty until the first try to finish. */
  problems: Record<Path, string>
  now: () => Date
  isShown: (path: Path) => boolean
  isRequired: (field: Field, path: Path) => boolean
  choicesOf: (field: Field, path: Path) => Choice[]
  /** What a new row of a repeat begins with. */
  newRow: (repeat: Field) => Answers
  change: (path: Path, value: unknown) => void
  /** Takes an answer away in a way that can be undone. */
  clear: (path: Path, value: unknown, what?: string) => void
  save: () => Promise<void>
  addPhotos: (path: Path, files: File[]) => Promise<void>
  removePhoto: (photo: Photo) => Promise<void>
  movePhoto: (photo: Photo, by: -1 | 1) => Promise<void>
  /** Adds to what is said of it. */
  describePhoto: (photo: Photo, more: PhotoAbout) => Promise<void>
  /** Blacks these places out instead of those before. */
  coverPhoto: (photo: Photo, covers: Cover[]) => Promise<void>
  photoBytes: (photo: Photo) => Promise<ArrayBuffer | null>
  uncoveredBytes: (photo: Photo) => Promise<ArrayBuffer | null>
  /** A signature or a drawing, in the place of the one before. */
  addDrawing: (path: Path, drawn: Drawn, about: PhotoAbout) => Promise<void>
  usePlaceNow: () => void
  places: () => Promise<PlacesKnown>
  /** A place from a list or from the map, and its name; `path` is null for the place of the whole record. */
  choosePlace: (path: Path | null, location: Location, name: string | null) => void
  /** What would be wrong with this answer, in the form's words; '' when nothing. */
  wrongWith: (path: Path, value: unknown) => string
  /** Records of this form made before, wherever; empty where no question asks for them. */
  nearby: Near[]
  /** Keeps this record as it is and begins the form that a note leads to, with what the note hands over. */
  openForm: (note: Field, path: Path) => Promise<void>
}

export interface QuestionProps {
  field: Field
  path: Path
  sheet: Sheet
}

export function answerAt(answers: Answers, path: Path): unknown {
  return path.split('/').reduce<unknown>((here, step) => (here as Answers | undefined)?.[step], answers)
}

/** The answers with one of them changed; nothing given is altered. An empty answer is not kept. */
export function withAnswer(answers: Answers, path: Path, value: unknown): Answers {
  const [step, ...rest] = path.split('/') as [string, ...string[]]
  if (rest.length) return { ...answers, [step]: changedInside(answers[step], rest, value) }
  const { [step]: _before, ...others } = answers
  return isEmpty(value) ? others : { ...others, [step]: value }
}

export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

export function idOf(path: Path): string {
  return `q-${path}`
}

function changedInside(inside: unknown, path: string[], value: unknown): unknown {
  if (!Array.isArray(inside)) return withAnswer((inside ?? {}) as Answers, path.join('/'), value)
  const [index, ...rest] = path as [string, ...string[]]
  return inside.map((entry: Answers, at) => (at === Number(index) ? withAnswer(entry, rest.join('/'), value) : entry))
}
