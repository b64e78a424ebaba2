/** Sheets of A4, each exactly one page: ticket pads, certificates, walking cards, stickers and the newsletter's tile.

Nothing on them looks like a real penalty (rules MT7 and MT8), nothing needs colour, and a child's name is only ever written by hand. */
import { Picture, StickerPicture } from '../studio/picture.tsx'
import type { Sketch } from '../studio/sketch.ts'
import { Face, faces, ReasonPicture, reasons } from './reasons.tsx'

export const teams: Record<string, string> = {
  fox: 'Fox',
  owl: 'Owl',
  otter: 'Otter',
  badger: 'Badger',
  heron: 'Heron',
  hare: 'Hare',
  robin: 'Robin',
  seal: 'Seal',
}

/** What a school's week gave the newsletter; counts of tickets, never of children or teams. */
export interface Counts {
  since: string
  tickets: number
  wellParked: number
  moved: number
  /** The share of children who came on foot, in whole percent, or null where nobody counted. */
  walked: number | null
}

const TICKETS = 4 // on a page
const CARDS = 8
const WEDNESDAYS = 6 // boxes on a walking card: a half-term
const STICKERS = 24

/** `team` null makes a pad with an empty line for the number. */
export function TicketSheets(given: { school: string; team: string | null; pages: number; picture: Sketch | null }) {
  const { school, team, pages, picture } = given
  return (
    <>
      {numbers(pages).map((page) => (
        <section key={page} class="a4 four" aria-label={`Page ${page + 1}`}>
          <CropMarks />
          {numbers(TICKETS).map((place) => (
            <Ticket key={place} school={school} number={team && numberOf(team, page * TICKETS + place + 1)} picture={picture} />
          ))}
        </section>
      ))}
    </>
  )
}

function Ticket({ school, number, picture }: { school: string; number: string | null; picture: Sketch | null }) {
  return (
    <article class="paper-ticket">
      <header>
        <p class="from">
          A note from the children of <strong>{school}</strong>
        </p>
        <div class="ticket-picture">{picture ? <Picture sketch={picture} label="Drawn by pupils" /> : <Blank />}</div>
        <p class="must">
          <strong>This is not a fine.</strong>
          <br />
          There is nothing to pay.
        </p>
      </header>
      <ul class="paper-faces">
        {faces.map(({ code, words, d }) => (
          <li key={code}>
            <Face d={d} />
            <span class="tick-box" />
            <span class="face-words">{words}</span>
          </li>
        ))}
      </ul>
      <h2>What we saw</h2>
      <ul class="reasons">
        {reasons.map(({ code, words, d }) => (
          <li key={code}>
            <span class="tick-box" />
            <ReasonPicture d={d} />
            {words}
          </li>
        ))}
      </ul>
      <footer>
        <p class="next-time">Next time, please stop further away and walk with us.</p>
        <p class="thanks">Thank you for helping us get to school safely.</p>
        <p class="small-print">
          <span>Made by pupils with their grown-ups. We do not keep your number plate.</span>
          <strong class="ticket-number">{number ?? 'No. ________'}</strong>
        </p>
      </footer>
    </article>
  )
}

/** Where there is no picture yet, room to draw one by hand. */
function Blank() {
  return (
    <svg class="sketch blank" viewBox="0 0 800 600" aria-hidden="true" focusable="false">
      <rect x="4" y="4" width="792" height="592" rx="24" />
    </svg>
  )
}

function CropMarks() {
  return (
    <svg class="crop-marks" viewBox="0 0 210 297" aria-hidden="true" focusable="false">
      <path d="M105 0v6M105 291v6M0 148.5h6M204 148.5h6M105 144v9M100.5 148.5h9" />
    </svg>
  )
}

export function Certificates({ school, kind }: { school: string; kind: 'patrol' | 'walking' }) {
  const did = kind === 'patrol' ? 'helped to make our street safer' : 'walked to school and kept our street clear'
  return (
    <section class="a4 two" aria-label="Page 1">
      {numbers(2).map((place) => (
        <article key={place} class="certificate">
          <StickerPicture name={kind === 'patrol' ? 'lollipop' : 'feet'} />
          <div>
            <h2>Thank you!</h2>
            <p class="write">&nbsp;</p>
            <p class="did">{did}.</p>
            <p class="signed">
              <span>{school}</span>
              <span>Signed ____________________</span>
              <span>Date ______________</span>
            </p>
          </div>
          <StickerPicture name="star" />
        </article>
      ))}
    </section>
  )
}

export function WalkingCards({ school, classLabel, children }: { school: string; classLabel: string; children: number }) {
  const pages = Math.max(1, Math.ceil(children / CARDS))
  return (
    <>
      {numbers(pages).map((page) => (
        <section key={page} class="a4 eight" aria-label={`Page ${page + 1}`}>
          {numbers(CARDS).map((place) => (
            <article key={place} class="walking-card">
              <p class="card-head">
                <strong>My walking card</strong>
                <span class="card-number">{page * CARDS + place + 1}</span>
              </p>
              <ul>
                {numbers(WEDNESDAYS).map((week) => (
                  <li key={week}>Wed</li>
                ))}
              </ul>
              <p class="card-foot">
                {classLabel}, {school}
              </p>
            </article>
          ))}
        </section>
      ))}
    </>
  )
}

export function StickerSheet() {
  const pictures = ['feet', 'sun', 'heart', 'bike', 'star', 'smile']
  return (
    <section class="a4 stickers" aria-label="Page 1">
      {numbers(STICKERS).map((place) => (
        <div key={place} class="round">
          <StickerPicture name={pictures[place % pictures.length]!} />
          <strong>I walked!</strong>
        </div>
      ))}
    </section>
  )
}

export function NewsTile({ school, counts }: { school: string; counts: Counts }) {
  return (
    <section class="a4" aria-label="Page 1">
      <article class="news">
        <h2>Our street watch at {school}</h2>
        <p>Since {counts.since} our pupils wrote</p>
        <ul>
          <li>
            <strong>{counts.tickets}</strong> friendly notes
          </li>
          <li>
            <strong>{counts.wellParked}</strong> of them said “well parked”
          </li>
          <li>
            <strong>{counts.moved}</strong> drivers moved when they saw us
          </li>
          {counts.walked !== null && (
            <li>
              <strong>{counts.walked}%</strong> of us came on foot
            </li>
          )}
        </ul>
        <p>Thank you for keeping our street safe.</p>
        <StickerPicture name="lollipop" />
      </article>
    </section>
  )
}

/** FOX-07 */
function numberOf(team: string, number: number): string {
  return `${team.toUpperCase()}-${String(number).padStart(2, '0')}`
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number)
}
