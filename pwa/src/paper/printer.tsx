/** The printing screen: what to print, a few choices, the pages as they will be, and one button. Used on tablets and at the desk. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Picture } from '../studio/picture.tsx'
import type { Sketch } from '../studio/sketch.ts'
import { Button } from '../ui/button.tsx'
import { Certificates, NewsTile, StickerSheet, teams, TicketSheets, WalkingCards, type Counts } from './sheets.tsx'
import '../studio/studio.css'
import './paper.css'

export interface Supplies {
  school: string
  classes: { name: string; label: string; roll?: number }[]
  designs: { name: string; label: string; drawing: Sketch }[]
  /** Only the desk knows them. */
  counts?: Counts | null
}

type Kind = 'tickets' | 'pads' | 'thanks' | 'walked' | 'cards' | 'stickers' | 'news'

const kinds: Record<Kind, string> = {
  tickets: 'Numbered tickets',
  pads: 'Blank tickets',
  thanks: 'Patrol certificates',
  walked: 'Walking certificates',
  cards: 'Walking cards',
  stickers: 'Stickers',
  news: 'Newsletter tile',
}
const MOST_PAGES = 24 // FOX-01 to FOX-96: two digits are enough for a ticket number
const USUAL_ROLL = 30

export function Printer({ supplies, top }: { supplies: Supplies; top?: ComponentChildren }) {
  const { school, classes, designs, counts } = supplies
  const [kind, setKind] = useState<Kind>('tickets')
  const [team, setTeam] = useState('fox')
  const [pages, setPages] = useState(3)
  const [pick, setPick] = useState<string>() // until somebody picks: the newest, also when it arrives later
  const [room, setRoom] = useState(classes[0]?.name ?? '')
  const [children, setChildren] = useState(classes[0]?.roll ?? USUAL_ROLL)
  useEffect(() => {
    document.title = `${kinds[kind]} - Beatbook` // the name of the file when it is printed to one
  }, [kind])
  const picked = pick ?? designs[0]?.name ?? ''
  const picture = designs.find((one) => one.name === picked)?.drawing ?? null
  const offered = (Object.keys(kinds) as Kind[]).filter((one) => one !== 'news' || counts)
  const isTickets = kind === 'tickets' || kind === 'pads'
  return (
    <div class="printer">
      <div class="printer-controls">
        {top}
        <fieldset>
          <legend>What shall we print?</legend>
          <div class="printer-kinds">
            {offered.map((one) => (
              <Choice key={one} name="kind" words={kinds[one]} chosen={kind === one} onPick={() => setKind(one)} />
            ))}
          </div>
        </fieldset>
        {kind === 'tickets' && (
          <label>
            Team
            <select class="box" value={team} onChange={(event) => setTeam(event.currentTarget.value)}>
              {Object.entries(teams).map(([name, label]) => (
                <option key={name} value={name}>
                  {label}
                </option>
              ))}
            </select>
          </label>
        )}
        {isTickets && <Count label="Pages of four" value={pages} most={MOST_PAGES} onChange={setPages} />}
        {isTickets && designs.length > 0 && (
          <fieldset>
            <legend>Picture</legend>
            <div class="printer-pictures">
              {designs.map((one) => (
                <Choice key={one.name} name="picture" words={`By ${one.label}`} chosen={picked === one.name} onPick={() => setPick(one.name)}>
                  <Picture sketch={one.drawing} />
                </Choice>
              ))}
              <Choice name="picture" words="Leave room to draw" chosen={picture === null} onPick={() => setPick('')} />
            </div>
          </fieldset>
        )}
        {kind === 'cards' && (
          <label>
            Class
            <select
              class="box"
              value={room}
              onChange={(event) => {
                const next = event.currentTarget.value
                setRoom(next)
                setChildren(classes.find((one) => one.name === next)?.roll ?? children)
              }}
            >
              {classes.map((one) => (
                <option key={one.name} value={one.name}>
                  {one.label}
                </option>
              ))}
            </select>
          </label>
        )}
        {kind === 'cards' && <Count label="Cards" value={children} most={40} onChange={setChildren} />}
        <p class="printer-note">A4 paper, no margins, 100 %. Black and white is fine.</p>
        <Button kind="primary" icon="printer" onPress={() => print()}>
          Print
        </Button>
      </div>
      <div class="sheets" aria-label="The pages">
        {kind === 'tickets' && <TicketSheets school={school} team={team} pages={pages} picture={picture} />}
        {kind === 'pads' && <TicketSheets school={school} team={null} pages={pages} picture={picture} />}
        {kind === 'thanks' && <Certificates school={school} kind="patrol" />}
        {kind === 'walked' && <Certificates school={school} kind="walking" />}
        {kind === 'cards' && (
          <WalkingCards school={school} classLabel={classes.find((one) => one.name === room)?.label ?? ''} children={children} />
        )}
        {kind === 'stickers' && <StickerSheet />}
        {kind === 'news' && counts && <NewsTile school={school} counts={counts} />}
      </div>
    </div>
  )
}

interface ChoiceProps {
  name: string
  words: string
  chosen: boolean
  onPick: () => void
  children?: ComponentChildren
}

function Choice({ name, words, chosen, onPick, children }: ChoiceProps) {
  return (
    <label class="printer-choice">
      <input type="radio" name={name} checked={chosen} onChange={onPick} />
      {children}
      {words}
    </label>
  )
}

function Count({ label, value, most, onChange }: { label: string; value: number; most: number; onChange: (value: number) => void }) {
  return (
    <label>
      {label}
      <input
        class="box number"
        type="number"
        inputMode="numeric"
        min={1}
        max={most}
        value={value}
        onInput={(event) => {
          const wanted = event.currentTarget.valueAsNumber
          if (wanted >= 1 && wanted <= most) onChange(Math.floor(wanted))
        }}
      />
    </label>
  )
}
