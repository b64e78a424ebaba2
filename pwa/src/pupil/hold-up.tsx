/** The ticket itself, to hold up to a driver or to copy onto paper, and how it was given. MT7: it always says that it is not a fine. */
import { Icon } from '../ui/icons.tsx'
import type { Sketch } from '../studio/sketch.ts'
import type { Answers, Form } from '../types.ts'
import { Design } from './design.tsx'
import { faces, given } from './pictures/moments.tsx'
import { reasons } from './pictures/reasons.tsx'
import { BigButton, Stage, Tile } from './stage.tsx'
import { filled, words } from './words.ts'

interface Props {
  answers: Answers
  form: Form
  school: string
  design: { svg: string; drawing: Sketch | null } | null
  stage: Omit<Parameters<typeof Stage>[0], 'title' | 'children'>
  onCar: () => unknown
  onPhoto: (() => unknown) | undefined
  /** Another of the school's pictures; where there is one only, it stays. */
  onPicture: (() => unknown) | undefined
  onGiven: (how: string) => unknown
  /** The ways to give it that are not among the usual. */
  onOther: () => unknown
}

const USUAL = ['windscreen', 'handed']

export function HoldUp({ answers, form, school, design, stage, onCar, onPhoto, onPicture, onGiven, onOther }: Props) {
  const result = String(answers['result'])
  const said = (name: string, value: unknown) =>
    form.fields.find((field) => field.name === name)?.choices?.find((choice) => choice.name === value)?.label ?? ''
  const seen = Array.isArray(answers['reasons']) ? (answers['reasons'] as string[]) : []
  const must = [filled(words.noteFrom, { school }), words.notAFine, words.nothingToPay]
  const message = said('message', answers['message'])
  const picture = (
    <>
      <Design svg={design?.svg ?? ''} drawing={design?.drawing ?? null} />
      <span class="ticket-no">
        {String(answers['ticket_no'])}
        {onPicture && <Icon name="brush" />}
      </span>
    </>
  )
  const title = answers['driver_there'] === 'no' ? words.holdUpNobody : words.holdUp
  return (
    <Stage title={title} read={[...must, message]} class="hold-up" {...stage}>
      <article class={`ticket ${result}`} aria-label={message}>
        <header>
          <p class="ticket-from">{must[0]}</p>
          <p class="ticket-must">
            {must[1]} {must[2]}
          </p>
        </header>
        <div class="ticket-body">
          <div class="ticket-face">
            {faces[result]?.()}
            <p>{said('result', result)}</p>
          </div>
          <div class="ticket-say">
            <p class="ticket-message">{message}</p>
            {seen.length > 0 && (
              <ul class="ticket-seen">
                {seen.map((name) => (
                  <li key={name}>
                    {reasons[name]?.()}
                    <span>{said('reasons', name)}</span>
                  </li>
                ))}
              </ul>
            )}
          </div>
          {onPicture ? (
            <button type="button" class="ticket-design" aria-label={words.otherPicture} onClick={onPicture}>
              {picture}
            </button>
          ) : (
            <div class="ticket-design">{picture}</div>
          )}
        </div>
        <footer>
          {words.thankYou} {words.noPlates}
        </footer>
      </article>
      <div class="hold-up-buttons">
        <BigButton icon="car" onPress={onCar}>
          {words.addCar}
          {answers['vehicle_kind'] ? <Icon name="check" /> : null}
        </BigButton>
        {onPhoto && (
          <BigButton icon="camera" onPress={onPhoto}>
            {answers['photo'] ? words.photoAdded : words.addPhoto}
          </BigButton>
        )}
        <span class="hold-up-gap" />
        {USUAL.map((how) => (
          <Tile key={how} class="given" picture={given[how]?.()} words={said('given_how', how)} onPress={() => onGiven(how)} />
        ))}
        <BigButton onPress={onOther}>{words.otherWay}</BigButton>
      </div>
    </Stage>
  )
}
