/** The patrol this phone is on: begun with one tap, ended with another. It is an unfinished record like any other. */
import { records, saveDraft, startDraft } from '../store/index.ts'
import type { Draft, Form } from '../types.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { clock, stamp } from '../ui/time.ts'
import { count } from '../ui/words.ts'
import { startingAnswers } from './open-draft.ts'
import { go } from './route.ts'
import { useStored } from './stored.ts'
import { reportTrouble } from './trouble.tsx'

const PATROL = 'patrol'

export function isPatrol({ formId }: { formId: string }): boolean {
  return formId === PATROL
}

export function OnPatrol({ form, open }: { form: Form; open: Draft[] }) {
  const draft = open.find(isPatrol)
  const made = useStored(async () => (draft ? recordsSince(draft) : []), [draft?.instanceId, draft?.answers['started_at']])
  if (!draft)
    return (
      <section class="patrol-card" aria-label={form.title}>
        <p>
          <Icon name={form.icon} />
          Not on patrol
        </p>
        <Button
          icon="arrow-right"
          label={`Start ${form.title.toLowerCase()}`}
          onPress={() => start(form).catch(reportTrouble)}
        >
          Start
        </Button>
      </section>
    )
  const since = startOf(draft)
  return (
    <section class="patrol-card on" aria-label={form.title}>
      <p>
        <Icon name={form.icon} />
        <span>
          <strong>On patrol since {clock(since)}</strong>
          <span class="facts">{made?.length ? inWords(made) : 'Nothing recorded yet'}</span>
        </span>
      </p>
      <div class="buttons">
        <a class="button" href={`#/form/${draft.instanceId}`}>
          <Icon name="pencil" />
          Area and people
        </a>
        <Button icon="check" onPress={() => end(draft).catch(reportTrouble)}>
          End patrol
        </Button>
      </div>
    </section>
  )
}

/** One tap and it runs: where and what for can be said on the way. */
async function start(form: Form): Promise<void> {
  await startDraft(form, { answers: await startingAnswers(form) })
}

/** What is known is filled in; the officer says the rest and finishes. */
async function end(draft: Draft): Promise<void> {
  const made = (await recordsSince(draft)).length
  const nil = made === 0 ? { nil_return: 'yes' } : {}
  const answers = { ...draft.answers, ...nil, ended_at: stamp(new Date()), records_made: made }
  await saveDraft({ ...draft, answers })
  go(`/form/${draft.instanceId}`)
}

async function recordsSince(draft: Draft): Promise<{ title: string }[]> {
  const since = Date.parse(startOf(draft))
  return (await records()).filter((row) => !isPatrol(row) && row.state !== 'mended' && isLater(row, draft, since))
}

/** Times are whole seconds; within one, the numbers of records say which was begun first. */
function isLater(row: { capturedAt: string; instanceId: string }, draft: Draft, since: number): boolean {
  const at = Date.parse(row.capturedAt)
  return at > since || (at === since && row.instanceId > draft.instanceId)
}

function startOf(draft: Draft): string {
  return String(draft.answers['started_at'] ?? draft.startedAt)
}

function inWords(made: { title: string }[]): string {
  return `${count(made.length, 'record')} made`
}
