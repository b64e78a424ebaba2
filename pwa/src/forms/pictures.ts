/** What a record says of each of its photos, signatures and drawings, in rows beside the answer, under `<name>.about`.

The server's twin is server/beatbook/forms/pictures.py, which says what a row holds. */
import type { Field, PhotoAbout } from '../types.ts'
import { isRow } from './expressions.ts'

export const LONGEST_CAPTION = 140

export interface AboutRow extends PhotoAbout {
  /** The digest of the photo it speaks of. */
  photo: string
  /** The digest of the camera's untouched file; `photo` is then the working copy made of it. */
  original?: string
  /** How many places were blacked out. */
  covered?: number
}

export function isPicture(field: Field): boolean {
  return field.type === 'image' || field.type === 'signature' || field.type === 'drawing'
}

export function aboutName(name: string): string {
  return `${name}.about`
}

/** What the camera's untouched files are attached as. */
export function originalName(name: string): string {
  return `${name}.original`
}

export function isOriginal(attachedAs: string): boolean {
  return attachedAs.endsWith('.original')
}

/** The rows that speak of these photos. */
export function rowsAbout(said: unknown, photos: unknown): AboutRow[] {
  if (!Array.isArray(said) || !Array.isArray(photos)) return []
  return said.filter((row: unknown) => isRow(row) && photos.includes(row['photo'])) as AboutRow[]
}

/** What a person should look at again, each thing once however many photos. */
export function oddAbout(
  field: Field,
  photos: string[],
  rows: AboutRow[],
): ['required' | 'choice' | 'constraint' | 'length', string][] {
  if (field.type !== 'image') return []
  const said = photos.map((photo) => rows.find((row) => row.photo === photo) ?? { photo })
  const known = field.choices?.map((choice) => choice.name)
  const found: ReturnType<typeof oddAbout> = []
  if (known && !isTakenInTurn(field) && !said.every((row) => textOf(row.shows)))
    found.push(['required', `Say what each photo shows: ${field.label}`])
  else if (known && !said.every((row) => !textOf(row.shows) || known.includes(row.shows!)))
    found.push(['choice', `Choose what each photo shows: ${field.label}`])
  if (said.some((row) => row.person === 'under_18')) {
    found.push(['constraint', `Cover or remove any photo of somebody who looks under 18: ${field.label}`]) // CH5
  }
  if (asksOfPeople(field) && !said.every((row) => PERSON.includes(row.person!))) {
    found.push(['required', `Say whether a person can be recognised: ${field.label}`])
  } else if (said.some((row) => row.person === 'adult' && !textOf(row.person_reason))) {
    found.push(['required', `Say why a person is in the photo: ${field.label}`])
  }
  if (said.some((row) => [...textOf(row.caption)].length > LONGEST_CAPTION)) {
    found.push(['length', `Use ${LONGEST_CAPTION} characters or fewer for a caption: ${field.label}`])
  }
  return found
}

export function asksOfPeople(field: Field): boolean {
  return looks(field).includes('people')
}

/** Lets somebody say that a person can be recognised, and asks no more while nobody does. */
export function offersPeople(field: Field): boolean {
  return looks(field).includes('someone')
}

export function isTakenInTurn(field: Field): boolean {
  return looks(field).includes('in_turn')
}

/** What the next of its photos are taken to show: the question's choices in turn, until somebody says otherwise. */
export function takenToShow(field: Field | undefined, before: (string | undefined)[], more: number): PhotoAbout[] {
  const choices = field && isTakenInTurn(field) ? (field.choices ?? []) : []
  const left = choices.filter(({ name }) => !before.includes(name))
  return Array.from({ length: more }, (_, number) => {
    const shows = (left[number] ?? choices.at(-1))?.name
    return shows ? { shows } : {}
  })
}

export function asksForCaption(field: Field): boolean {
  return looks(field).includes('caption')
}

const PERSON = ['no', 'adult', 'under_18']

function looks(field: Field): string[] {
  return (field.appearance ?? '').split(' ')
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : ''
}
