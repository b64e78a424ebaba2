/** The walking tally: a class counts how it came to school, by hands or one by one, in a minute, with no name anywhere. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { go } from '../app/route.ts'
import { rulesFor } from '../app/rules.ts'
import { useStored } from '../app/stored.ts'
import { reportTrouble } from '../app/trouble.tsx'
import { discardDraft, drafts, finish, form, saveDraft, startDraft } from '../store/index.ts'
import { setFormOpen } from '../session.ts'
import { ChooseClass, classNamed, type SchoolClass } from '../studio/class.tsx'
import { Room } from '../studio/room.tsx'
import { Tile } from '../studio/tile.tsx'
import type { Device, Draft } from '../types.ts'
import { Icon } from '../ui/icons.tsx'
import { usePress } from '../ui/press.ts'
import { day as dayInWords } from '../ui/time.ts'
import { Keypad } from './keypad.tsx'
import {
  ableOf,
  activeOf,
  answersOf,
  counted,
  emptyTally,
  isClosed,
  isSound,
  modes,
  MOST,
  recentDays,
  stickersOf,
  toGo,
  typed,
  valueOf,
  wednesdayOf,
  withValue,
  type Box,
  type Mode,
  type Tally,
} from './tally.ts'
import { say } from './words.ts'
import '../studio/studio.css'
import './wow.css'

const FORM = 'wow_tally'
const ROLLS = 'beatbook.rolls' // how many children each class has, so that next week starts with it
const PAUSE = 300 // ms after the last change, as for every record

type Way = 'hands' | 'taps' | 'cards'

const reasons: [string, string][] = [
  ['counted_again', 'We counted again'],
  ['late', 'Children came late'],
  ['paper', 'It was on paper'],
  ['wrong_class', 'It was another class'],
]

export default function Wow({ route: [, name], owner }: { route: string[]; owner: Device }) {
  const room = useStored(async () => (name ? classNamed(name) : null), [name])
  const [day, setDay] = useState(() => wednesdayOf(new Date()))
  const [why, setWhy] = useState<string>()
  if (!name) return <ChooseClass owner={owner} title={say.title} onChosen={(chosen) => go(`/wow/${chosen}`)} />
  if (!room) return null
  const isAdult = owner.role !== 'pupil'
  if (isClosed(day, new Date()) && !why) {
    if (!isAdult)
      return (
        <Room title={say.closed} back="/wow" help={say.closedHelp}>
          {null}
        </Room>
      )
    return (
      <Room title={say.why} back="/wow" help={dayInWords(day)} actions={<DayPicker day={day} onPick={setDay} />}>
        <ul class="tiles-128">
          {reasons.map(([code, label]) => (
            <li key={code}>
              <Tile words={label} icon="pencil" onPress={() => setWhy(code)} />
            </li>
          ))}
        </ul>
      </Room>
    )
  }
  return <Counting key={day} room={room} day={day} why={why} picker={isAdult ? <DayPicker day={day} onPick={setDay} /> : null} />
}

function DayPicker({ day, onPick }: { day: string; onPick: (day: string) => void }) {
  const days = [...new Set([day, ...recentDays(new Date())])].sort().reverse()
  return (
    <label class="day-picker">
      {say.day}
      <select class="box" value={day} onChange={(event) => onPick(event.currentTarget.value)}>
        {days.map((one) => (
          <option key={one} value={one}>
            {dayInWords(one)}
          </option>
        ))}
      </select>
    </label>
  )
}

interface CountingProps {
  room: SchoolClass
  day: string
  why: string | undefined
  picker: preact.ComponentChild
}

function Counting({ room, day, why, picker }: CountingProps) {
  const [draft, setDraft] = useState<Draft>()
  const [tally, setTally] = useState<Tally>()
  const [way, setWay] = useState<Way>('hands')
  const [saved, setSaved] = useState(false)
  const saving = useRef<ReturnType<typeof setTimeout>>(undefined)
  const answers = (given: Tally, by: Way) =>
    answersOf(given, {
      school_id: room.school,
      class_id: room.name,
      day,
      entry: by === 'hands' ? 'teacher_count' : 'card_taps',
      ...(why && { why_changed: why }),
    })
  useEffect(() => {
    setFormOpen(true)
    openTally(room, day).then((opened) => {
      setDraft(opened?.draft)
      setTally(opened?.tally)
    }, reportTrouble)
    return () => setFormOpen(false)
  }, [room.name, day])
  useEffect(() => {
    if (!draft || !tally || saved || counted(tally) === 0) return
    saving.current = setTimeout(() => saveDraft({ ...draft, answers: answers(tally, way) }).catch(reportTrouble), PAUSE)
    return () => clearTimeout(saving.current)
  }, [tally])
  const done = usePress(async () => {
    const known = await form(FORM)
    if (!draft || !tally || !known || !isSound(tally)) return
    clearTimeout(saving.current) // or it would come back as a draft after it was finished
    const final = answers(tally, way)
    keepRoll(room.name, tally.roll)
    try {
      await finish({ ...draft, answers: final }, known, (await rulesFor(known)).titleOf(final))
      setSaved(true)
    } catch (error) {
      reportTrouble(error)
    }
  })
  if (!draft || !tally) return null
  if (saved) {
    const change = async () => {
      setDraft(await startTally(room, day))
      setSaved(false)
    }
    return <Saved tally={tally} onChange={change} />
  }
  const leave = async () => {
    if (counted(tally) === 0) await discardDraft(draft.instanceId).catch(reportTrouble)
    go('/wow')
  }
  const props = { title: `${room.label}, ${dayInWords(day)}`, tally, onChange: setTally, onDone: done, onBack: leave }
  if (way !== 'hands') return <ComeAndTap {...props} withCards={way === 'cards'} />
  return <HandsUp {...props} picker={picker} onWay={setWay} />
}

interface WayProps {
  title: string
  tally: Tally
  onChange: (next: Tally) => void
  onDone: () => unknown
  onBack: () => unknown
}

const boxes: [Box, string][] = [
  ['roll', 'In the class'],
  ['present', 'Here today'],
  ['walk', modes.walk.label],
  ['wheel', modes.wheel.label],
  ['scoot', modes.scoot.label],
  ['cycle', modes.cycle.label],
  ['stride', modes.stride.label],
  ['wbus', modes.wbus.label],
  ['bus', modes.bus.label],
  ['car', modes.car.label],
  ['unable', 'Cannot walk today'],
  ['stickers', 'Stickers'],
]

/** The teacher asks, counts hands and types: one tap for the box, one or two for the number. */
function HandsUp({ title, tally, onChange, onDone, onBack, picker, onWay }: WayProps & { picker: preact.ComponentChild; onWay: (way: Way) => void }) {
  const [box, setBox] = useState<Box>('walk')
  const fresh = useRef(true)
  const choose = (next: Box) => {
    setBox(next)
    fresh.current = true
  }
  const digit = (pressed: number) => {
    onChange(withValue(tally, box, typed(valueOf(tally, box), pressed, fresh.current)))
    fresh.current = false
  }
  const left = toGo(tally)
  const rest = () => {
    if (box in modes && left > 0) onChange(withValue(tally, box, valueOf(tally, box) + left))
  }
  return (
    <Room
      title={title}
      back={onBack}
      below={<Total tally={tally} />}
      actions={
        <>
          {left > 0 && box in modes && <Tile words={say.rest(left)} icon="plus" onPress={rest} />}
          <Tile words={say.done} icon="check" kind="go" disabled={!isSound(tally) || counted(tally) === 0} onPress={onDone} />
        </>
      }
    >
      <div class="tallying">
        <div class="boxes" role="group" aria-label={say.handsUpHelp}>
          {boxes.map(([name, label]) => (
            <button
              key={name}
              type="button"
              class="slab count-box"
              aria-pressed={box === name}
              onClick={() => choose(name)}
            >
              <span class="words">
                {name in modes && <Icon name={modes[name as Mode].icon} />}
                {label}
              </span>
              <strong class="count">{valueOf(tally, name)}</strong>
            </button>
          ))}
        </div>
        <Keypad
          onDigit={digit}
          onStep={(step) => {
            onChange(withValue(tally, box, valueOf(tally, box) + step))
            fresh.current = true
          }}
        />
      </div>
      <div class="other-ways">
        {picker}
        <Tile words={say.comeAndTap} icon="user" onPress={() => onWay('taps')} />
        <Tile words={say.withCards} icon="grid-2x2" onPress={() => onWay('cards')} />
      </div>
    </Room>
  )
}

/** How many have not said yet. */
function Total({ tally }: { tally: Tally }) {
  const left = toGo(tally)
  const words = left === 0 ? say.all : left > 0 ? say.toGo(left) : say.tooMany(-left)
  const tone = left === 0 ? 'all' : left > 0 ? 'some' : 'over'
  return (
    <div class={`total ${tone}`}>
      <progress max={Math.max(1, tally.present)} value={Math.min(counted(tally), tally.present)} aria-label={words} />
      <strong role="status">{words}</strong>
    </div>
  )
}

/** The tablet stands by the door: each child taps once. With cards, its number first. */
function ComeAndTap({ title, tally, onChange, onDone, onBack, withCards }: WayProps & { withCards: boolean }) {
  const [taps, setTaps] = useState<Tally[]>([])
  const [card, setCard] = useState<number | null>(null)
  const [number, setNumber] = useState(0)
  const tap = (mode: Mode) => {
    setTaps([...taps, tally])
    const others = tally.stamps.filter((stamp) => stamp.card_no !== card)
    const before = tally.stamps.find((stamp) => stamp.card_no === card)
    const one = before ? withValue(tally, before.mode, tally.modes[before.mode] - 1) : tally
    const next = withValue(one, mode, one.modes[mode] + 1)
    onChange(card === null ? next : { ...next, stamps: [...others, { card_no: card, mode }] })
    setCard(null)
    setNumber(0)
  }
  const undo = () => {
    const before = taps.at(-1)
    if (!before) return
    onChange(before)
    setTaps(taps.slice(0, -1))
  }
  const full = toGo(tally) <= 0 && !(card !== null && tally.stamps.some((stamp) => stamp.card_no === card))
  const actions = (
    <>
      <Tile words={say.undo} icon="undo-2" disabled={taps.length === 0} onPress={undo} />
      <Tile words={say.done} icon="check" kind="go" disabled={!isSound(tally) || counted(tally) === 0} onPress={onDone} />
    </>
  )
  if (withCards && card === null)
    return (
      <Room title={title} back={onBack} help={say.cardHelp} actions={actions}>
        <div class="card-entry">
          <Keypad onDigit={(digit) => setNumber(typed(number, digit, false))} onStep={(step) => setNumber(Math.min(MOST, Math.max(0, number + step)))} />
          <div>
            <p class="card-shown">{number || '–'}</p>
            <Tile words={say.goOn} icon="arrow-right" kind="go" disabled={number === 0} onPress={() => number > 0 && setCard(number)} />
            <Total tally={tally} />
          </div>
        </div>
      </Room>
    )
  return (
    <Room title={title} back={card === null ? onBack : () => setCard(null)} help={say.tapHelp} actions={actions}>
      <div class="tap-tiles">
        {(Object.keys(modes) as Mode[]).map((mode) => (
          <Tile key={mode} words={modes[mode].label} icon={modes[mode].icon} disabled={full} onPress={() => !full && tap(mode)} />
        ))}
      </div>
      <Total tally={tally} />
    </Room>
  )
}

function Saved({ tally, onChange }: { tally: Tally; onChange: () => unknown }) {
  return (
    <Room title={say.saved} help={say.stickers(stickersOf(tally))}>
      <p class="big-tick" aria-hidden="true">
        <Icon name="footprints" />
      </p>
      <p class="wow-result" role="status">
        {say.result(activeOf(tally), ableOf(tally))}
      </p>
      <ul class="tiles-128 two">
        <li>
          <Tile words={say.change} icon="pencil" onPress={onChange} />
        </li>
        <li>
          <Tile words={say.another} icon="arrow-right" kind="go" onPress={() => go('/wow')} />
        </li>
      </ul>
    </Room>
  )
}

/** What was begun for this class and day, or a new one. */
async function openTally(room: SchoolClass, day: string): Promise<{ draft: Draft; tally: Tally } | null> {
  const mine = (await drafts()).find(
    ({ formId, answers }) => formId === FORM && answers['class_id'] === room.name && answers['day'] === day,
  )
  if (mine) return { draft: mine, tally: fromAnswers(mine.answers, rollOf(room.name)) }
  const draft = await startTally(room, day)
  return draft ? { draft, tally: emptyTally(rollOf(room.name)) } : null
}

async function startTally(room: SchoolClass, day: string): Promise<Draft | undefined> {
  const known = await form(FORM)
  return known ? startDraft(known, { answers: { school_id: room.school, class_id: room.name, day } }) : undefined
}

function fromAnswers(answers: Draft['answers'], roll: number | undefined): Tally {
  const number = (name: string, or: number) => (typeof answers[name] === 'number' ? answers[name] : or)
  const empty = emptyTally(number('roll', roll ?? emptyTally().roll))
  const counts = Object.fromEntries(Object.keys(modes).map((mode) => [mode, number(`n_${mode}`, 0)])) as Tally['modes']
  return {
    ...empty,
    present: number('present', empty.roll),
    unable: number('unable', 0),
    modes: counts,
    stamps: (answers['stamps'] as Tally['stamps'] | undefined) ?? [],
  }
}

/** Class sizes are no secret and no promise: the browser's small store will do. */
function rollOf(name: string): number | undefined {
  try {
    return (JSON.parse(localStorage.getItem(ROLLS) ?? '{}') as Record<string, number>)[name]
  } catch {
    return undefined
  }
}

function keepRoll(name: string, roll: number): void {
  try {
    const rolls = JSON.parse(localStorage.getItem(ROLLS) ?? '{}') as Record<string, number>
    localStorage.setItem(ROLLS, JSON.stringify({ ...rolls, [name]: roll }))
  } catch {
    // Next week somebody types it again.
  }
}
