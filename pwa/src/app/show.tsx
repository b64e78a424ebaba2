/** A card held up to somebody: a square that their own phone reads, and the words in large print below it. */
import { useEffect, useRef } from 'preact/hooks'
import { encode } from 'uqr'
import { cards, countShown, list, tasks } from '../store/index.ts'
import { Icon } from '../ui/icons.tsx'
import { CardText, cardOf } from './card.tsx'
import { Missing } from './missing.tsx'
import { useStored } from './stored.ts'
import { reportTrouble } from './trouble.tsx'
import '../style/advice.css'

const QUIET_ZONE = 4 // modules of white around the square, without which many cameras do not find it

export function ShowScreen({ code, school: chosen }: { code: string; school: string }) {
  const card = useStored(() => cardOf(code), [code])
  const schools = useStored(() => list('schools'))
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    scrollTo(0, 0)
    void count(code, chosen).catch(reportTrouble)
  }, [])
  useEffect(() => heading.current?.focus({ preventScroll: true }), [card])
  if (card === undefined || schools === undefined) return null
  if (card === null) return <Missing />
  const school = schools.find((row) => row['name'] === chosen) ?? null
  return (
    <main class="show">
      <a class="button large close" href={`#/advice/${code}/card/${chosen}`}>
        <Icon name="arrow-left" />
        Back
      </a>
      <h1 ref={heading} tabIndex={-1}>
        {card.title}
      </h1>
      <Square text={`${location.origin}/advice/${code}${school ? `?school=${school['name']}` : ''}`} />
      <p class="how">Point your camera here to read it on your own phone.</p>
      <CardText card={card} school={school} big />
    </main>
  )
}

function Square({ text }: { text: string }) {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET_ZONE })
  const path = data
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('')
  return (
    <svg class="square" viewBox={`0 0 ${size} ${size}`} role="img" aria-label="QR code of this card" data-link={text}>
      <path class="light" d={`M0 0h${size}v${size}H0z`} />
      <path class="dark" d={path} />
    </svg>
  )
}

/** Where it was shown: the school that was chosen, else the place of the task that somebody is on. */
async function count(code: string, chosen: string): Promise<void> {
  const card = (await cards()).find((one) => one.code === code)
  if (!card) return
  const school = (await list('schools')).find((row) => row['name'] === chosen)
  const task = (await tasks()).find((one) => one.state === 'doing')
  await countShown(card, school?.['label'] ?? task?.place ?? null, new Date())
}
