/** One mock ticket: one choice for each screen, pictures first, a way back from everywhere. Five taps when all is well, eight at most. */
import type { Sketch } from '../studio/sketch.ts'
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { reportTrouble } from '../app/trouble.tsx'
import { finish, saveDraft, startDraft } from '../store/index.ts'
import { nextNumber, openTicket, type Joined } from '../store/patrols.ts'
import type { Answers, Choice, Draft, Form } from '../types.ts'
import { Icon } from '../ui/icons.tsx'
import { animals } from './pictures/animals.tsx'
import { colour, drivers, faces, given, nexts, spot, vehicles } from './pictures/moments.tsx'
import { reasons } from './pictures/reasons.tsx'
import { Cross } from './cross.tsx'
import { HoldUp } from './hold-up.tsx'
import { PhotoTaking } from './photo.tsx'
import { Pin } from './pin.tsx'
import { BigButton, Stage, Tile } from './stage.tsx'
import { words } from './words.ts'

export interface Materials {
  form: Form
  spots: { name: string; label: string }[]
  designs: { name: string; label: string; svg: string; drawing: Sketch | null }[]
}

interface Props {
  patrol: Joined
  team: string
  materials: Materials
  onCross: () => void
  onGrownUp: () => void
  onChangeTeam: () => unknown
}

type Step =
  | 'result'
  | 'reasons'
  | 'spot'
  | 'driver_there'
  | 'message'
  | 'show'
  | 'vehicle_kind'
  | 'vehicle_colour'
  | 'photo'
  | 'given_how'
  | 'pin'
  | 'next'
  | 'cross'
  | 'done'

const WAY: Step[] = ['result', 'reasons', 'spot', 'driver_there', 'message', 'show']
const MOST_REASONS = 3
const ADULT_LOOKS = 10 * 60_000 // one check of a grown-up may cover several tickets

let adultLooked = { patrolId: '', at: 0 } // in memory only: a restart asks again

export function Ticket({ patrol, team, materials, onChangeTeam, ...rail }: Props) {
  const { form, spots, designs } = materials
  const [draft, setDraft] = useState<Draft | null>()
  const [trail, setTrail] = useState<Step[]>(['result'])
  const [done, setDone] = useState('')
  const step = trail.at(-1)!
  const answers = draft?.answers ?? {}
  useEffect(() => {
    openTicket(patrol.patrolId)
      .then((open) => {
        setDraft(open)
        if (open) setTrail(wayTo(open.answers))
      })
      .catch(reportTrouble)
  }, [])
  if (draft === undefined) return null

  const go = (next: Step) => setTrail([...trail, next])
  const back = trail.length > 1 && step !== 'done' ? () => setTrail(trail.slice(0, -1)) : undefined
  const save = async (more: Answers): Promise<Draft> => {
    const begun = draft ?? { ...(await startDraft(form, { answers: { team } })), patrolId: patrol.patrolId }
    const kept = { ...begun, answers: pruned({ ...begun.answers, ...more }) }
    await saveDraft(kept)
    setDraft(kept)
    return kept
  }
  const choose = async (more: Answers, next: Step) => {
    await save(more).catch(reportTrouble)
    go(next)
  }
  const toShow = async (more: Answers) => {
    const number = Number(answers['ticket_number']) || (await nextNumber(patrol.patrolId, team))
    const ticket_no = `${team.toUpperCase()}-${String(number).padStart(2, '0')}`
    const design = answers['design'] ?? designs[(number - 1) % designs.length]?.name ?? 'plain' // each picture has its turn
    await choose({ ...more, ticket_number: number, ticket_no, design }, 'show')
  }
  const otherPicture = () => {
    const now = designs.findIndex((one) => one.name === answers['design'])
    return save({ design: designs[(now + 1) % designs.length]!.name }).catch(reportTrouble)
  }
  const end = async (more: Answers, then: Step = 'done') => {
    const final = await save(more)
    const number = String(final.answers['ticket_no'])
    await finish(final, form, number)
    setDone(number)
    setDraft(null)
    setTrail([then])
  }
  const give = async (how: string) => {
    const looked = adultLooked.patrolId === patrol.patrolId && Date.now() - adultLooked.at < ADULT_LOOKS
    if (how === 'handed' && answers['adult_ok'] !== 'yes' && !looked) return choose({ given_how: how }, 'pin')
    const more: Answers = how === 'handed' ? { given_how: how, adult_ok: 'yes' } : { given_how: how }
    return answers['driver_there'] === 'no' ? end({ ...more, next: 'nobody' }) : choose(more, 'next')
  }
  const afterLook = async (more: Answers, then: () => unknown) => {
    adultLooked = { patrolId: patrol.patrolId, at: Date.now() }
    await save({ adult_ok: 'yes', ...more })
    await then()
  }
  const afterGiven = () =>
    answers['driver_there'] === 'no'
      ? end({ adult_ok: 'yes', next: 'nobody' })
      : setTrail([...trail.slice(0, -1), 'next'])

  const at = WAY.indexOf(step)
  const stage = {
    ...rail,
    onBack: back,
    ...(at >= 0 ? { at: [at + 1, WAY.length] as [number, number] } : {}),
  }
  const choices = (name: string): Choice[] => form.fields.find((field) => field.name === name)?.choices ?? []
  const label = (name: string): string => form.fields.find((field) => field.name === name)?.label ?? ''
  const ask = (
    name: Step,
    picture: (choice: Choice) => ComponentChildren,
    onPick: (name: string) => unknown,
    some?: Choice[],
  ) => (
    <Ask
      key={name}
      title={label(name)}
      choices={some ?? choices(name)}
      picture={picture}
      chosen={answers[name]}
      onPick={onPick}
      stage={stage}
    />
  )

  switch (step) {
    case 'result':
      return (
        <Stage title={label('result')} read={choices('result').map((choice) => choice.label)} {...stage}>
          <div class="picks of-3 faces">
            {choices('result').map(({ name, label: said }) => (
              <Tile
                key={name}
                class={`face ${name}`}
                picture={faces[name]?.()}
                words={said}
                onPress={() => choose({ result: name }, name === 'green' ? 'spot' : 'reasons')}
              />
            ))}
          </div>
          <TeamBadge
            team={team}
            name={choices('team').find((one) => one.name === team)?.label ?? team}
            many={patrol.teams.length > 1}
            onPress={onChangeTeam}
          />
        </Stage>
      )
    case 'reasons':
      return (
        <Reasons
          title={label('reasons')}
          choices={choices('reasons')}
          given={listed(answers['reasons'])}
          stage={stage}
          onNext={(found) => choose({ reasons: found }, 'spot')}
        />
      )
    case 'spot':
      return ask(
        'spot',
        ({ label: said }) => spot(said),
        (name) => choose({ spot: name }, 'driver_there'),
        spots,
      )
    case 'driver_there':
      return ask(
        'driver_there',
        ({ name }) => drivers[name]?.(),
        (name) => choose({ driver_there: name }, 'message'),
      )
    case 'message':
      return (
        <Stage title={label('message')} read={kind(choices('message'), answers).map((one) => one.label)} {...stage}>
          <div class={`messages ${kind(choices('message'), answers).length > 4 ? 'many' : ''}`}>
            {kind(choices('message'), answers).map((one) => (
              <Tile
                key={one.name}
                class={`message ${String(answers['result'])}`}
                picture={faces[String(answers['result'])]?.()}
                words={one.label}
                chosen={answers['message'] === one.name}
                onPress={() => toShow({ message: one.name })}
              />
            ))}
          </div>
        </Stage>
      )
    case 'show':
      return (
        <HoldUp
          answers={answers}
          form={form}
          school={patrol.schoolName}
          design={designs.find((one) => one.name === answers['design']) ?? null}
          stage={stage}
          onCar={() => go('vehicle_kind')}
          onPhoto={patrol.photos === 'masked' ? () => go('photo') : undefined}
          onPicture={designs.length > 1 ? otherPicture : undefined}
          onGiven={give}
          onOther={() => go('given_how')}
        />
      )
    case 'vehicle_kind':
      return ask(
        'vehicle_kind',
        ({ name }) => vehicles[name]?.(),
        (name) => choose({ vehicle_kind: name }, 'vehicle_colour'),
      )
    case 'vehicle_colour':
      return ask(
        'vehicle_colour',
        ({ name }) => colour(name),
        async (name) => {
          await save({ vehicle_colour: name })
          setTrail(trail.slice(0, trail.indexOf('show') + 1))
        },
      )
    case 'photo':
      return (
        <PhotoTaking
          patrol={patrol}
          draft={draft!}
          onBack={() => setTrail(trail.slice(0, -1))}
          onCross={rail.onCross}
          onKept={(sha256) => afterLook({ photo: [sha256] }, () => setTrail(trail.slice(0, -1)))}
        />
      )
    case 'given_how':
      return ask('given_how', ({ name }) => given[name]?.(), give)
    case 'pin':
      return (
        <Pin patrol={patrol} onBack={() => setTrail(trail.slice(0, -1))} onRight={() => afterLook({}, afterGiven)} />
      )
    case 'next':
      return ask(
        'next',
        ({ name }) => nexts[name]?.(),
        (name) => end({ next: name }, name === 'cross' ? 'cross' : 'done'),
        choices('next').filter((one) => one.name !== 'nobody'),
      )
    case 'cross':
      return <Cross onDone={() => setTrail(['done'])} />
    case 'done':
      return <Done team={team} number={done} rail={rail} onNext={() => setTrail(['result'])} />
  }
}

interface AskProps {
  title: string
  choices: Choice[]
  picture: (choice: Choice) => ComponentChildren
  chosen: unknown
  onPick: (name: string) => unknown
  stage: Omit<Parameters<typeof Stage>[0], 'title' | 'children'>
}

function Ask({ title, choices, picture, chosen, onPick, stage }: AskProps) {
  return (
    <Stage title={title} read={choices.map((choice) => choice.label)} {...stage}>
      <div class={`picks of-${Math.min(8, choices.length)}`}>
        {choices.map((choice) => (
          <Tile
            key={choice.name}
            picture={picture(choice)}
            words={choice.label}
            chosen={chosen === choice.name}
            onPress={() => onPick(choice.name)}
          />
        ))}
      </div>
    </Stage>
  )
}

interface ReasonsProps {
  title: string
  choices: Choice[]
  given: string[]
  stage: AskProps['stage']
  onNext: (found: string[]) => unknown
}

function Reasons({ title, choices, given: before, stage, onNext }: ReasonsProps) {
  const [found, setFound] = useState(before)
  const toggle = (name: string) => {
    if (found.includes(name)) setFound(found.filter((one) => one !== name))
    else setFound([...found, name].slice(-MOST_REASONS)) // a fourth lets go of the first, so that no tap is ever wrong
  }
  return (
    <Stage title={title} line={words.pick} read={choices.map((choice) => choice.label)} {...stage}>
      <div class="picks of-15">
        {choices.map(({ name, label }) => (
          <Tile
            key={name}
            several
            picture={reasons[name]?.()}
            words={label}
            chosen={found.includes(name)}
            onPress={() => toggle(name)}
          />
        ))}
        <BigButton
          class={`next-cell ${found.length ? '' : 'waiting'}`}
          icon="arrow-right"
          onPress={() => found.length > 0 && onNext(found)}
        >
          {words.next}
        </BigButton>
      </div>
    </Stage>
  )
}

function TeamBadge({
  team,
  name,
  many,
  onPress,
}: {
  team: string
  name: string
  many: boolean
  onPress: () => unknown
}): JSX.Element {
  const badge = (
    <>
      <span class="team-picture">{animals[team]?.()}</span>
      <span>{name}</span>
    </>
  )
  return many ? (
    <BigButton class="team-badge" onPress={onPress}>
      {badge}
      <span class="team-change">{words.changeTeam}</span>
    </BigButton>
  ) : (
    <p class="team-badge">{badge}</p>
  )
}

function Done({
  team,
  number,
  rail,
  onNext,
}: {
  team: string
  number: string
  rail: { onCross: () => void; onGrownUp: () => void }
  onNext: () => void
}) {
  return (
    <Stage title={words.wellDone} line={words.saved} read={[words.saved, words.paper]} class="done-stage" {...rail}>
      <div class="done-card">
        <span class="done-animal">
          {animals[team]?.()}
          <span class="done-tick">
            <Icon name="check" />
          </span>
        </span>
        <p class="done-number">{number}</p>
        <p>{words.paper}</p>
      </div>
      <BigButton class="primary wide" icon="arrow-right" onPress={onNext}>
        {words.nextCar}
      </BigButton>
    </Stage>
  )
}

/** The messages that go with the face. */
function kind(choices: Choice[], answers: Answers): Choice[] {
  return choices.filter((choice) => choice['result'] === answers['result'])
}

function listed(value: unknown): string[] {
  return Array.isArray(value) ? (value as string[]) : []
}

/** What went with an earlier choice goes with it: another face has other reasons and other words. */
function pruned(answers: Answers): Answers {
  const kept = { ...answers }
  if (kept['result'] === 'green') delete kept['reasons']
  if (kept['given_how'] !== 'handed' && !kept['photo']) delete kept['adult_ok']
  return kept
}

/** Where a tablet that went off carries on: at the first question without an answer. */
function wayTo(answers: Answers): Step[] {
  const way: Step[] = ['result']
  const needs: [Step, boolean][] = [
    ['reasons', answers['result'] === 'green' || listed(answers['reasons']).length > 0],
    ['spot', Boolean(answers['spot'])],
    ['driver_there', Boolean(answers['driver_there'])],
    ['message', Boolean(answers['message'])],
  ]
  if (!answers['result']) return way
  for (const [step, isAnswered] of needs) {
    if (step === 'reasons' && answers['result'] === 'green') continue
    way.push(step)
    if (!isAnswered) return way
  }
  return answers['ticket_no'] ? [...way, 'show'] : way
}
