/** One patrol in the lead adult's hand: the square for tablets, what the tickets say so far, who needs them, and its end. */
import { useEffect, useState } from 'preact/hooks'
import { Frame } from '../app/frame.tsx'
import { rulesFor } from '../app/rules.ts'
import { useStatus, useStored } from '../app/stored.ts'
import { reportTrouble } from '../app/trouble.tsx'
import { finish, form as formOf, list, startDraft } from '../store/index.ts'
import { isoTime } from '../store/ids.ts'
import { led, news, saveLed, type Led, type PatrolNews } from '../store/patrols.ts'
import { sendNow } from '../sync/index.ts'
import type { Answers } from '../types.ts'
import { animals } from '../pupil/pictures/animals.tsx'
import { faces } from '../pupil/pictures/moments.tsx'
import { Button, LinkButton } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { Notice } from '../ui/notice.tsx'
import { Pick, Words } from './fields.tsx'
import { count } from '../ui/words.ts'
import { Square } from './square.tsx'
import { INCIDENTS } from './words.ts'

const LOOK_EVERY = 20_000 // a cross driver has to reach the adult soon

export function LeadPatrol({ id }: { id: string }) {
  const patrol = useStored(async () => (await led()).find((one) => one.patrolId === id) ?? null, [id])
  const told = useStored(async () => (await news()).find((one) => one.patrolId === id) ?? null, [id])
  const places = useStored(placeNames)
  const [ending, setEnding] = useState<'close' | 'incident' | null>(null)
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const looking = setInterval(() => {
      setNow(Date.now())
      void sendNow()
    }, LOOK_EVERY)
    void sendNow()
    return () => clearInterval(looking)
  }, [])
  if (patrol === undefined || !places) return null
  if (patrol === null)
    return (
      <Frame title="Patrol" back={{ to: '/patrol', name: 'Patrols' }}>
        <p>This patrol is not on this phone.</p>
      </Frame>
    )
  const state = patrol.state !== 'closed' && now >= Date.parse(patrol.endsAt) ? 'closed' : patrol.state
  const act = (name: 'pause' | 'resume') =>
    stepped(patrol, { act: name }, { state: name === 'pause' ? 'paused' : 'open' }).catch(reportTrouble)
  if (ending) return <Ending patrol={patrol} kind={ending} onDone={() => setEnding(null)} />
  return (
    <Frame
      title={patrol.schoolName}
      back={{ to: '/patrol', name: 'Patrols' }}
      bottom={
        state === 'closed' ? (
          !patrol.closedAt && (
            <Button kind="primary" icon="check" onPress={() => setEnding('close')}>
              Finish: did anything go wrong?
            </Button>
          )
        ) : (
          <>
            <Button icon="triangle-alert" kind="large" onPress={() => setEnding('incident')}>
              Incident
            </Button>
            <Button kind="primary" icon="lock" onPress={() => setEnding('close')}>
              Close the patrol
            </Button>
          </>
        )
      }
    >
      <p class={`patrol-state is-${state}`} role="status">
        <Icon name={state === 'open' ? 'footprints' : state === 'paused' ? 'clock' : 'lock'} />
        {state === 'closed' ? 'Closed' : `${state === 'open' ? 'Open' : 'Paused'} until ${clock(patrol.endsAt)}`}
        {state === 'open' && <LinkButton onPress={() => act('pause')}>Pause</LinkButton>}
        {state === 'paused' && <LinkButton onPress={() => act('resume')}>Go on</LinkButton>}
      </p>
      {told?.cross.map((one) => (
        <Notice
          key={`${one.at}${one.team}`}
          tone="attention"
          icon="triangle-alert"
          title={`A driver was cross, ${one.at ? clock(one.at) : ''}`}
        >
          {places.get(one.spot) ?? one.spot}. Go to team {capital(one.team)}.
        </Notice>
      ))}
      {state !== 'closed' && <JoinCard patrol={patrol} />}
      <Counts told={told} patrol={patrol} />
    </Frame>
  )
}

function JoinCard({ patrol }: { patrol: Led }) {
  const [large, setLarge] = useState(true)
  return (
    <section class="join-card" aria-label="Tablets join">
      <h2>Tablets join</h2>
      <p>Open the camera on the tablet and hold it over this square. It works with no signal.</p>
      <button
        type="button"
        class={`square-button ${large ? '' : 'small'}`}
        onClick={() => setLarge(!large)}
        aria-label={large ? 'Make the square smaller' : 'Make the square larger'}
      >
        <Square text={`${location.origin}/#/join/${patrol.line}`} label="Square for tablets to scan" />
      </button>
      <p class="join-code">
        With a signal, type <strong>{`${patrol.code.slice(0, 3)} ${patrol.code.slice(3)}`}</strong>
      </p>
      <Copy line={`${location.origin}/#/join/${patrol.line}`} />
    </section>
  )
}

function Copy({ line }: { line: string }) {
  const [said, setSaid] = useState('')
  const copy = async () => {
    await navigator.clipboard?.writeText(line).then(
      () => setSaid('Copied.'),
      () => setSaid('This browser does not copy.'),
    )
  }
  return (
    <p class="join-copy">
      <LinkButton icon="share" onPress={copy}>
        Copy the link
      </LinkButton>{' '}
      <span role="status">{said}</span>
    </p>
  )
}

function Counts({ told, patrol }: { told: PatrolNews | null | undefined; patrol: Led }) {
  const status = useStatus()
  if (!told)
    return (
      <Notice icon="cloud-off" tone="waiting" title="Tickets show here when tablets have a signal">
        {patrol.teams.length} {patrol.teams.length === 1 ? 'team' : 'teams'}, {patrol.pupils} pupils, {patrol.adults}{' '}
        adults. {status.waiting > 0 && 'This patrol has not reached the office yet.'}
      </Notice>
    )
  const { results, spoiled, next } = told.counts
  return (
    <section aria-label="Tickets so far" class="patrol-counts">
      <h2>
        {told.counts.tickets} {told.counts.tickets === 1 ? 'ticket' : 'tickets'} so far
      </h2>
      <ul class="faces-row">
        {(['green', 'amber', 'red'] as const).map((name) => (
          <li key={name} class={`face-count ${name}`}>
            <span class="face-picture">{faces[name]?.()}</span>
            <strong>{results[name] ?? 0}</strong>
            <span>{{ green: 'well parked', amber: 'could be better', red: 'not safe' }[name]}</span>
          </li>
        ))}
      </ul>
      <p class="quiet">
        {next['moved'] ?? 0} moved. {spoiled} spoiled.
        {told.photosPending > 0 && ` ${count(told.photosPending, 'photo')} for the office to look at.`}
      </p>
      <p class="team-row">
        {patrol.teams.map((team) => (
          <span key={team} class="team-small">
            {animals[team]?.()}
          </span>
        ))}
      </p>
    </section>
  )
}

function Ending({ patrol, kind, onDone }: { patrol: Led; kind: 'close' | 'incident'; onDone: () => void }) {
  const [incident, setIncident] = useState<string[]>([])
  const [note, setNote] = useState('')
  const [debrief, setDebrief] = useState('')
  const [tried, setTried] = useState(false)
  const happened = incident[0] !== undefined && incident[0] !== 'none'
  const wrong = {
    incident: incident.length === 0 ? 'Say whether anything went wrong.' : undefined,
    note: happened && !note.trim() ? 'Say in a sentence what happened.' : undefined,
  }
  const end = async () => {
    setTried(true)
    if (wrong.incident || wrong.note) return
    const answers: Answers = {
      act: kind,
      incident: incident[0],
      ...(happened ? { incident_note: note.trim() } : {}),
      ...(debrief.trim() ? { debrief: debrief.trim() } : {}),
    }
    const change: Partial<Led> = kind === 'close' ? { state: 'closed', closedAt: isoTime() } : {}
    await stepped(patrol, answers, change).then(onDone, reportTrouble)
  }
  return (
    <Frame
      title={kind === 'close' ? 'Close the patrol' : 'Incident'}
      formOpen
      bottom={
        <>
          <Button kind="large" icon="arrow-left" onPress={onDone}>
            Back
          </Button>
          <Button kind="primary" icon={kind === 'close' ? 'lock' : 'check'} onPress={end}>
            {kind === 'close' ? 'Close the patrol' : 'Save the incident'}
          </Button>
        </>
      }
    >
      {kind === 'close' && (
        <Notice icon="tablet">
          Tablets with a signal stop at once. Others stop at {clock(patrol.endsAt)}: collect them now.
        </Notice>
      )}
      <Pick
        name="incident"
        label="Did anything go wrong?"
        choices={kind === 'close' ? INCIDENTS : INCIDENTS.slice(1)}
        chosen={incident}
        problem={tried ? wrong.incident : undefined}
        onChange={setIncident}
      />
      {happened && (
        <>
          <Words
            name="note"
            label="What happened? No child’s name."
            hint="A worry about a child goes to the school’s safeguarding lead, not here. In danger: 999."
            value={note}
            problem={tried ? wrong.note : undefined}
            onChange={setNote}
          />
        </>
      )}
      {kind === 'close' && (
        <Words
          name="debrief"
          label="What did the pupils notice? (if you can)"
          hint="No names."
          value={debrief}
          onChange={setDebrief}
        />
      )}
    </Frame>
  )
}

/** One more step of the patrol, as a record that goes whenever it can. */
async function stepped(patrol: Led, answers: Answers, change: Partial<Led>): Promise<void> {
  const form = await formOf('pupil_patrol_step')
  if (!form) throw new Error('the form has not reached this phone')
  const draft = { ...(await startDraft(form, { answers })), patrolId: patrol.patrolId }
  await finish(draft, form, (await rulesFor(form)).titleOf(answers))
  await saveLed({ ...patrol, ...change })
}

async function placeNames(): Promise<Map<string, string>> {
  return new Map((await list('school_places')).map((row) => [row['name']!, row['label']!]))
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1)
}

function clock(moment: string): string {
  return new Date(moment).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
}
