/** One card: read it, read it aloud, print it, or hold it up to somebody. */
import { useEffect, useState } from 'preact/hooks'
import { said, type School } from '../advice.ts'
import { cards, list } from '../store/index.ts'
import type { Card } from '../types.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { day, localDay } from '../ui/time.ts'
import { Frame } from './frame.tsx'
import { Missing } from './missing.tsx'
import { goInstead } from './route.ts'
import { useStored } from './stored.ts'
import '../style/advice.css'

export function CardScreen({ code, school: chosen }: { code: string; school: string }) {
  const card = useStored(() => cardOf(code), [code])
  const schools = useStored(() => list('schools'))
  const [big, setBig] = useState(false)
  if (card === undefined || schools === undefined) return null
  if (card === null) return <Missing />
  const school = schools.find((row) => row['name'] === chosen) ?? null
  const text = said(card, localDay(new Date()), school)
  const asksSchool = Object.keys(card.words).length > 0 && schools.length > 0
  return (
    <Frame
      title={card.title}
      bar="Advice"
      back={{ to: '/advice', name: 'Advice' }}
      bottom={
        <a class="button primary" href={`#/advice/${code}/show/${chosen}`}>
          <Icon name="qr-code" />
          Show to somebody
        </a>
      }
    >
      {asksSchool && (
        <div class="at-school no-print">
          <label for="school">School</label>
          <select
            id="school"
            class="box"
            value={chosen}
            onChange={(event) => goInstead(`/advice/${code}/card/${event.currentTarget.value}`)}
          >
            <option value="">Any school</option>
            {schools.map((row) => (
              <option key={row['name']} value={row['name']}>
                {row['label']}
              </option>
            ))}
          </select>
        </div>
      )}
      <CardText card={card} school={school} big={big} />
      <div class="buttons no-print">
        <Button icon="a-large-small" onPress={() => setBig(!big)} label={big ? 'Usual print' : 'Big print'}>
          {big ? 'Usual print' : 'Big print'}
        </Button>
        <ReadAloud language={card.language} text={[card.title, ...text.blocks.map((block) => block.words)].join('\n')} />
        <Button icon="printer" onPress={() => print()}>
          Print
        </Button>
      </div>
      <p class="quiet small source">
        {card.sourceNote} Next looked at by {day(card.reviewDue)}. Card {card.code}, version {card.version}.
      </p>
    </Frame>
  )
}

/** The words of a card as they count today, and what was left out of them. */
export function CardText({ card, school, big = false }: { card: Card; school: School | null; big?: boolean }) {
  const { blocks, leftOut } = said(card, localDay(new Date()), school)
  return (
    <div class={`card-text ${big ? 'big' : ''}`} lang={card.language}>
      {blocks.map((block, index) =>
        block.kind === 'item' ? (
          <p key={index} class="item">
            {block.words}
          </p>
        ) : (
          <p key={index}>{block.words}</p>
        ),
      )}
      {leftOut && <p class="left-out">Some facts are left out: they were good until {day(leftOut)}.</p>}
    </div>
  )
}

export async function cardOf(code: string): Promise<Card | null> {
  return (await cards()).find((card) => card.code === code) ?? null
}

/** Only where the phone itself has a voice: one from the network would be silent out here, and would hear what is read. */
function ReadAloud({ language, text }: { language: string; text: string }) {
  const voice = useVoice(language)
  const [speaking, setSpeaking] = useState(false)
  useEffect(() => () => globalThis.speechSynthesis?.cancel(), [text])
  if (!voice) return null
  const speak = () => {
    speechSynthesis.cancel()
    if (speaking) return setSpeaking(false)
    const utterance = new SpeechSynthesisUtterance(text)
    utterance.voice = voice
    utterance.lang = voice.lang
    utterance.onend = utterance.onerror = () => setSpeaking(false)
    speechSynthesis.speak(utterance)
    setSpeaking(true)
  }
  return (
    <Button icon={speaking ? 'circle-x' : 'volume-2'} onPress={speak}>
      {speaking ? 'Stop' : 'Read aloud'}
    </Button>
  )
}

function useVoice(language: string): SpeechSynthesisVoice | undefined {
  const [voices, setVoices] = useState<SpeechSynthesisVoice[]>([])
  useEffect(() => {
    const synthesis = globalThis.speechSynthesis as SpeechSynthesis | undefined
    if (!synthesis) return
    const look = () => setVoices(synthesis.getVoices())
    look()
    synthesis.addEventListener?.('voiceschanged', look)
    return () => synthesis.removeEventListener?.('voiceschanged', look)
  }, [])
  const local = voices.filter((voice) => voice.localService && voice.lang.toLowerCase().startsWith(language))
  return local.find((voice) => voice.lang.replace('_', '-') === 'en-GB') ?? local[0]
}
