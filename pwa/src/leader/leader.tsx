/** The grown-ups' half of pupils' patrols: those of this phone, opening one, leading one. */
import { useEffect } from 'preact/hooks'
import { Frame } from '../app/frame.tsx'
import { useStored } from '../app/stored.ts'
import { list } from '../store/index.ts'
import { led, news, summaries, type Led } from '../store/patrols.ts'
import { Icon } from '../ui/icons.tsx'
import { dayAndTime } from '../ui/time.ts'
import { count } from '../ui/words.ts'
import { showKey } from './key.ts'
import { LeadPatrol } from './lead.tsx'
import { OpenPatrol } from './open.tsx'
import '../style/leader.css'

export function Leader({ id }: { id: string }) {
  useEffect(() => void showKey(), [])
  if (id === 'open') return <OpenPatrol />
  return id ? <LeadPatrol key={id} id={id} /> : <Patrols />
}

function Patrols() {
  const found = useStored(led)
  const told = useStored(news)
  if (!found || !told) return null
  const tickets = (patrol: Led) => told.find((one) => one.patrolId === patrol.patrolId)?.counts.tickets
  return (
    <Frame
      title="Pupils’ patrols"
      back={{ to: '/', name: 'Home' }}
      bottom={
        <a class="button primary" href="#/patrol/open">
          <Icon name="footprints" />
          Open a patrol
        </a>
      }
    >
      {found.length === 0 && (
        <p class="nothing">
          <Icon name="footprints" />
          No patrol from this phone yet. Opening one takes a minute and needs no signal.
        </p>
      )}
      <ul class="rows">
        {found.map((patrol) => (
          <li key={patrol.patrolId}>
            <a class="row" href={`#/patrol/${patrol.patrolId}`}>
              <span class="thumbnail">
                <Icon name="footprints" />
              </span>
              <span class="about">
                <span class="title">{patrol.schoolName}</span>
                <span class="facts">
                  {isOpen(patrol) ? (patrol.state === 'paused' ? 'Paused' : 'Open now') : 'Closed'},{' '}
                  {dayAndTime(patrol.startsAt)}
                  {tickets(patrol) !== undefined && `, ${tickets(patrol)} tickets`}
                </span>
              </span>
            </a>
          </li>
        ))}
      </ul>
      <Released />
    </Frame>
  )
}

/** For a school: what the office released of its patrols. Counts only, of no child and no team. */
function Released() {
  const found = useStored(async () => ({
    summaries: await summaries(),
    names: new Map(
      [...(await list('schools')), ...(await list('school_places'))].map((row) => [row['name']!, row['label']!]),
    ),
  }))
  if (!found?.summaries.length) return null
  const named = (code: string) => found.names.get(code) ?? code
  return (
    <>
      <h2>Released by the office</h2>
      {found.summaries.map((one) => (
        <section key={one.school} class="released" aria-label={named(one.school)}>
          <h3>{named(one.school)}</h3>
          <p>
            {count(one.patrols, 'patrol')}, {count(one.tickets, 'ticket')}: {one.results['green'] ?? 0} well parked,{' '}
            {one.results['amber'] ?? 0} could be better, {one.results['red'] ?? 0} not safe. {one.moved} of{' '}
            {one.drivers} drivers moved.
          </p>
          <ul>
            {Object.entries(one.spots).map(([spot, tickets]) => (
              <li key={spot}>
                {named(spot)} <strong>{tickets}</strong>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  )
}

function isOpen(patrol: Led): boolean {
  return patrol.state !== 'closed' && Date.now() < Date.parse(patrol.endsAt)
}
