/** Behind the PIN: what a grown-up may do on a tablet. It says which ticket was last, and nothing of those before. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { finish, startDraft } from '../store/index.ts'
import { lastTicket, setJoined, type Joined } from '../store/patrols.ts'
import { useStored } from '../app/stored.ts'
import { reportTrouble } from '../app/trouble.tsx'
import type { Form } from '../types.ts'
import { Icon } from '../ui/icons.tsx'
import { drawnFor } from '../studio/designs.ts'
import { usePress } from '../ui/press.ts'
import { count } from '../ui/words.ts'
import { LookAtPictures } from './look.tsx'

const LEFT_OPEN = 120_000 // ms; a grown-up who is called away leaves the pupils' screens behind, not these

export function GrownUps({ patrol, form, onBack }: { patrol: Joined; form: Form; onBack: () => unknown }) {
  const last = useStored(() => lastTicket(patrol.patrolId))
  const drawn = useStored(() => drawnFor(patrol.school), [patrol.school])
  const [looking, setLooking] = useState(false)
  const [said, setSaid] = useState('')
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = 'For grown-ups'
    heading.current?.focus()
    const forgotten = setTimeout(onBack, LEFT_OPEN)
    return () => clearTimeout(forgotten)
  }, [said, looking])
  const spoil = usePress(async () => {
    if (!last) return
    await spoiled(form, patrol, last).catch(reportTrouble)
    setSaid(`Ticket ${String(last.answers['ticket_no'])} counts as a mistake now.`)
  })
  const end = usePress(() => setJoined({ ...patrol, handingIn: true }))
  const look = usePress(() => setLooking(true))
  const back = usePress(onBack)
  if (looking) return <LookAtPictures patrol={patrol} onDone={() => setLooking(false)} />
  return (
    <div class="hand-in">
      <main>
        <h1 ref={heading} tabIndex={-1}>
          For grown-ups
        </h1>
        <section class="for-adults">
          <button type="button" class="grown-up primary" onClick={back}>
            <Icon name="undo-2" />
            Back to the pupils
          </button>
          {last && (
            <button type="button" class="grown-up" onClick={spoil}>
              <Icon name="x" />
              The last ticket, {String(last.answers['ticket_no'])}, was a mistake
            </button>
          )}
          {drawn && drawn.length > 0 && (
            <button type="button" class="grown-up" onClick={look}>
              <Icon name="brush" />
              Look at {count(drawn.length, 'ticket picture')} of this school
            </button>
          )}
          <button type="button" class="grown-up" onClick={end}>
            <Icon name="check" />
            End the patrol on this tablet
          </button>
          <p role="status">{said}</p>
          <p class="hand-in-hint">
            Keep children on this screen: Guided Access on an iPad, app pinning on Android. The patrol ends by itself at{' '}
            {new Date(patrol.endsAt).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })}.
          </p>
        </section>
      </main>
    </div>
  )
}

/** A word about a ticket that is on its way or there already: it stays as it is and counts as spoiled. */
async function spoiled(
  form: Form,
  patrol: Joined,
  last: NonNullable<Awaited<ReturnType<typeof lastTicket>>>,
): Promise<void> {
  const { team, ticket_number, ticket_no } = last.answers
  const draft = await startDraft(form, { answers: { team, ticket_number, ticket_no, spoiled: 'yes', adult_ok: 'yes' } })
  await finish(
    { ...draft, replaces: last.instanceId, patrolId: patrol.patrolId },
    form,
    `${String(ticket_no)}, spoiled`,
  )
}
