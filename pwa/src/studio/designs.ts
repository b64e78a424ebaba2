/** A class's pictures on this tablet: drafts until they are voted on or sent, and the approved ones that came back. */
import { rulesFor } from '../app/rules.ts'
import { draft as draftOf, drafts, finish, form, list, saveDraft, startDraft } from '../store/index.ts'
import type { Draft } from '../types.ts'
import type { SchoolClass } from './class.tsx'
import { emptySketch, type Sketch } from './sketch.ts'

const DESIGN_FORM = 'ticket_design'

export interface Approved {
  name: string
  label: string
  school: string
  drawing: Sketch
}

/** Oldest first, so that a picture keeps its number while others are added. */
export async function ownDesigns(made_by: string): Promise<Draft[]> {
  const mine = (await drafts()).filter((draft) => draft.formId === DESIGN_FORM && draft.answers['made_by'] === made_by)
  return mine.sort((one, other) => one.startedAt.localeCompare(other.startedAt))
}

/** What classes of a school have drawn on this tablet and nobody has sent. */
export async function drawnFor(school: string): Promise<Draft[]> {
  return (await drafts()).filter((draft) => draft.formId === DESIGN_FORM && draft.answers['school'] === school)
}

export async function approvedDesigns(school: string): Promise<Approved[]> {
  const rows = (await list('designs')) as unknown as Partial<Approved>[]
  return rows.filter((row): row is Approved => row.drawing !== undefined && row.school === school)
}

/** Null when this tablet has not got the form yet. */
export async function beginDesign(room: SchoolClass): Promise<string | null> {
  const known = await form(DESIGN_FORM)
  if (!known) return null
  const answers = { school: room.school, made_by: room.name, drawing: emptySketch }
  return (await startDraft(known, { answers })).instanceId
}

export function sketchOf(draft: Draft): Sketch {
  return (draft.answers['drawing'] as Sketch | undefined) ?? emptySketch
}

export function votesOf(draft: Draft): number {
  return (draft.answers['votes'] as number | undefined) ?? 0
}

export async function saveSketch(draft: Draft, drawing: Sketch): Promise<void> {
  await saveDraft({ ...draft, answers: { ...draft.answers, drawing } })
}

/** One more or one fewer: a number and nothing about who it was. Counted from what is kept, one vote after the other. */
export function vote(instanceId: string, more: 1 | -1): Promise<void> {
  voting = voting.then(async () => {
    const kept = await draftOf(instanceId)
    if (kept) await saveDraft({ ...kept, answers: { ...kept.answers, votes: Math.max(0, votesOf(kept) + more) } })
  })
  return voting
}

let voting: Promise<void> = Promise.resolve()

/** A grown-up has looked at it here: on a school's own device, or with the PIN of the patrol that the tablet is on. */
export async function approve(draft: Draft, patrolId: string | null = null): Promise<void> {
  const known = await form(DESIGN_FORM)
  if (!known) return
  const answers = { ...draft.answers, adult_ok: 'yes' }
  const title = (await rulesFor(known)).titleOf(answers)
  await finish({ ...draft, formVersion: known.version, answers, patrolId }, known, title)
}

/** The pictures leave the class: from now on a grown-up decides. `voted` says whether the counts mean anything. */
export async function sendAll(mine: Draft[], voted: boolean): Promise<void> {
  const known = await form(DESIGN_FORM)
  if (!known) return
  const rules = await rulesFor(known)
  for (const draft of mine) {
    const { votes: _, ...rest } = draft.answers
    const answers = voted ? { ...rest, votes: votesOf(draft) } : rest
    await finish({ ...draft, answers }, known, rules.titleOf(answers))
  }
}
