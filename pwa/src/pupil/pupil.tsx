/** A pupils' tablet: nothing but the patrol it is on, whatever the address says (MT16). */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { goInstead } from '../app/route.ts'
import { useStored } from '../app/stored.ts'
import { form as formOf, list } from '../store/index.ts'
import { joined, setJoined, type Joined } from '../store/patrols.ts'
import type { Sketch } from '../studio/sketch.ts'
import type { Form } from '../types.ts'
import { animals } from './pictures/animals.tsx'
import { HandIn } from './hand-in.tsx'
import { Join } from './join.tsx'
import { watch } from './joining.ts'
import { Pin } from './pin.tsx'
import { Stage, Tile } from './stage.tsx'
import { Cross } from './cross.tsx'
import { GrownUps } from './grown-ups.tsx'
import { Ticket, type Materials } from './ticket.tsx'
import { words } from './words.ts'
import '../style/pupil.css'

export function Pupil({ route, between }: { route: string[]; between: ComponentChildren }) {
  const patrol = useStored(joined)
  if (patrol === undefined) return null
  if (patrol === null) {
    if (between) return <>{between}</>
    return <Join line={route[0] === 'join' ? route.slice(1).join('/') : ''} onLine={() => goInstead('/')} />
  }
  return <OnPatrol key={patrol.patrolId} patrol={patrol} />
}

function OnPatrol({ patrol }: { patrol: Joined }) {
  const materials = useStored(() => materialsOf(patrol), [patrol.patrolId])
  const [over, setOver] = useState<'cross' | 'pin' | 'grown-ups' | null>(null)
  useEffect(() => watch(patrol.patrolId), [])
  useEffect(() => setOver(null), [patrol.state])
  if (patrol.state === 'closed' || patrol.handingIn) return <HandIn patrol={patrol} />
  if (over === 'cross') return <Cross onDone={() => setOver(null)} />
  if (over === 'pin') return <Pin patrol={patrol} onBack={() => setOver(null)} onRight={() => setOver('grown-ups')} />
  if (!materials) return null
  if (over === 'grown-ups') return <GrownUps patrol={patrol} form={materials.form} onBack={() => setOver(null)} />
  const rail = { onCross: () => setOver('cross'), onGrownUp: () => setOver('pin') }
  if (patrol.state === 'paused')
    return (
      <Stage title={words.pausedTitle} line={words.pausedTell} onGrownUp={rail.onGrownUp} class="paused">
        <div class="paused-picture">{animals[patrol.team ?? 'owl']?.()}</div>
      </Stage>
    )
  const team = patrol.teams.find((one) => one === patrol.team)
  if (!team) return <Teams patrol={patrol} form={materials.form} {...rail} />
  return (
    <Ticket
      key={team}
      patrol={patrol}
      team={team}
      materials={materials}
      {...rail}
      onChangeTeam={() => setJoined({ ...patrol, team: null })}
    />
  )
}

function Teams({ patrol, form, ...rail }: { patrol: Joined; form: Form; onCross: () => void; onGrownUp: () => void }) {
  const field = form.fields.find((one) => one.name === 'team')!
  const teams = field.choices!.filter((choice) => patrol.teams.includes(choice.name))
  return (
    <Stage title={field.label} read={teams.map((team) => team.label)} {...rail}>
      <div class={`picks of-${teams.length}`}>
        {teams.map((team) => (
          <Tile
            key={team.name}
            class="animal"
            picture={animals[team.name]?.()}
            words={team.label}
            onPress={() => setJoined({ ...patrol, team: team.name })}
          />
        ))}
      </div>
    </Stage>
  )
}

/** What a class drew in the studio; the council's own pictures have none. */
function drawingOf(row: Record<string, unknown>): Sketch | null {
  return (row['drawing'] as Sketch | undefined) ?? null
}

async function materialsOf(patrol: Joined): Promise<Materials | null> {
  const form = await formOf('mock_ticket')
  if (!form) return null
  const places = new Map((await list('school_places')).map((row) => [row['name']!, row['label']!]))
  const designs = (await list('designs')).filter((row) => !row['school'] || row['school'] === patrol.school)
  return {
    form,
    spots: patrol.spots.map((name) => ({ name, label: places.get(name) ?? name })),
    designs: designs.map((row) => ({ name: row['name']!, label: row['label']!, svg: row['svg'] ?? '', drawing: drawingOf(row) })),
  }
}
