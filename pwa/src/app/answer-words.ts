/** Answers as people read them: labels instead of codes, days instead of numbers. */
import { toGridRef } from '../place.ts'
import type { Answers, Choice, Field, Form, Location } from '../types.ts'
import { day, dayAndTime } from '../ui/time.ts'
import { accuracy, count } from '../ui/words.ts'

export interface Fact {
  name: string
  asks: string
  says: string
}

export type Lists = Record<string, Choice[]>

/** Every answered question of the form in its order; photos are shown as photos, not here. */
export function factsOf(form: Form, answers: Answers, lists: Lists): Fact[] {
  return factsIn(form.fields, answers, lists)
}

export function placeInWords(location: Location): string {
  const grid = toGridRef(location.latitude, location.longitude)
  return `${grid ?? `${location.latitude.toFixed(5)}, ${location.longitude.toFixed(5)}`}, ${accuracy(location)}`
}

function factsIn(fields: Field[], answers: Answers, lists: Lists): Fact[] {
  return fields.flatMap((field) => {
    if (field.type === 'group') return factsIn(field.fields ?? [], answers, lists)
    if (['image', 'note', 'signature', 'drawing'].includes(field.type)) return []
    const value = answers[field.name]
    if (!field.label || value === undefined || value === null || value === '') return []
    if (field.type === 'repeat') return entriesIn(field, value as Answers[], lists)
    return [{ name: field.name, asks: field.label, says: inWords(field, value, lists) }]
  })
}

function entriesIn(field: Field, entries: Answers[], lists: Lists): Fact[] {
  return entries.map((entry, index) => ({
    name: `${field.name}-${index}`,
    asks: `${field.label} ${index + 1}`,
    says: factsIn(field.fields ?? [], entry, lists).map((fact) => `${fact.asks}: ${fact.says}`).join('\n'),
  }))
}

function inWords(field: Field, value: unknown, lists: Lists): string {
  const choices = field.choices ?? lists[field.from ?? ''] ?? []
  const label = (name: unknown) => choices.find((choice) => choice.name === name)?.label ?? String(name)
  switch (field.type) {
    case 'select_one':
      return label(value)
    case 'select_multiple':
      return Array.isArray(value) ? value.map(label).join(', ') : label(value)
    case 'date':
      return day(String(value))
    case 'dateTime':
      return dayAndTime(String(value))
    case 'geopoint':
      return isLocation(value) ? placeInWords(value) : String(value)
    case 'calculate':
      return /^\d{4}-\d\d-\d\dT/.test(String(value)) ? dayAndTime(String(value)) : String(value)
    default:
      return Array.isArray(value) ? count(value.length, 'entry', 'entries') : String(value)
  }
}

function isLocation(value: unknown): value is Location {
  return typeof value === 'object' && value !== null && 'latitude' in value
}
