/** The grown-ups' half of pupils' patrols: those of this phone, opening one, leading one. */
import { useEffect } from 'preact/hooks'
import { Frame } from '../app/frame.tsx'
import { useStored } from '../app/stored.ts'
import { led, news, type Led } from '../store/patrols.ts'
import { Icon } from '../ui/icons.tsx'
import { dayAndTime } from '../ui/time.ts'
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
    </Frame>
  )
}

function isOpen(patrol: Led): boolean {
  return patrol.state !== 'closed' && Date.now() < Date.parse(patrol.endsAt)
}
