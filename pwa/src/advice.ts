/** What a card says on a day and at a school, as the server's advice/cards.py says it; both are held to tests/cases/advice.json. */
import type { Card, CardBlock } from './types.ts'

export type School = Record<string, string>

export interface Said {
  blocks: { kind: CardBlock['kind']; words: string }[]
  /** Until when the figures were good that are left out now; null when none are. */
  leftOut: string | null
}

/** Leaves out figures that are out of date, and keeps strong words for the schools that back them. `on` reads 2026-11-22. */
export function said(card: Pick<Card, 'blocks' | 'words' | 'factValidUntil'>, on: string, school: School | null): Said {
  const stale = card.factValidUntil !== null && on > card.factValidUntil
  const hasFigures = card.blocks.some((block) => block.parts.some((part) => part.kind === 'figure'))
  const blocks = card.blocks.map((block) => ({
    kind: block.kind,
    words: block.parts
      .filter((part) => !(stale && part.kind === 'figure'))
      .map((part) => (part.kind === 'slot' ? slotWords(card.words[part.text], school ?? {}) : part.text))
      .join('')
      .split(/\s+/)
      .filter(Boolean)
      .join(' '),
  }))
  return { blocks: blocks.filter((block) => block.words), leftOut: stale && hasFigures ? card.factValidUntil : null }
}

/** The cards in which every word of the search begins a word of the title, the text or the audience. */
export function found(cards: Card[], search: string): Card[] {
  const wanted = wordsOf(search)
  if (wanted.length === 0) return cards
  return cards.filter((card) => {
    const there = wordsOf([card.title, card.code, ...card.audience.map(audienceName), ...textOf(card)].join(' '))
    return wanted.every((word) => there.some((one) => one.startsWith(word)))
  })
}

/** Every card once, under the first audience it is for. */
export function byAudience(cards: Card[]): { audience: string; cards: Card[] }[] {
  return Object.keys(audiences)
    .map((audience) => ({ audience, cards: cards.filter((card) => card.audience[0] === audience) }))
    .filter((group) => group.cards.length > 0)
}

export function audienceName(audience: string): string {
  return audiences[audience] ?? audience
}

function slotWords(words: Card['words'][string] | undefined, school: School): string {
  const times = school['skc_times'] ?? ''
  if (words?.mandatory && school['skc_kind'] === 'mandatory' && times) return words.mandatory.replaceAll('{times}', times)
  if (words?.enforceable && school['pavement_enforceable'] === 'yes') return words.enforceable
  return words?.usual ?? ''
}

function textOf(card: Card): string[] {
  return card.blocks.flatMap((block) => block.parts.flatMap((part) => (part.kind === 'words' ? part.text : [])))
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

const audiences: Record<string, string> = {
  drivers: 'Drivers',
  families: 'Families',
  young: 'Young drivers',
  residents: 'Residents',
  hut_owners: 'Beach hut owners',
  students: 'Students',
  pupils: 'Pupils',
  all: 'Everybody',
}
