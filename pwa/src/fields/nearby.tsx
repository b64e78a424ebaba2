/** Records made near here before: linking to one beats making it twice. Asks nothing where there are none. */
import { metresBetween } from '../place.ts'
import { day } from '../ui/time.ts'
import { Question } from './question.tsx'
import { answerAt, type Near, type QuestionProps, type Sheet } from './sheet.ts'

const NEAR = 50 // metres, as far as a phone in a street can tell one wall from the next
const MOST = 3

export function NearbyField(props: QuestionProps) {
  const { path, sheet } = props
  const chosen = answerAt(sheet.answers, path)
  const near = nearest(sheet)
  if (near.length === 0) return null
  return (
    <Question {...props} controls="several">
      <div class="choices list-look">
        {near.map(({ instanceId, title, at, metres }) => (
          <label key={instanceId} class="choice">
            <input
              type="radio"
              name={path}
              checked={chosen === instanceId}
              onChange={() => sheet.change(path, instanceId)}
            />
            <span class="mark" />
            <span class="label">
              {title}
              <br />
              <span class="quiet small">
                {day(at)}, {metres} m away
              </span>
            </span>
          </label>
        ))}
        <label class="choice">
          <input type="radio" name={path} checked={!chosen} onChange={() => sheet.change(path, undefined)} />
          <span class="mark" />
          <span class="label">None of these</span>
        </label>
      </div>
    </Question>
  )
}

function nearest({ location, nearby }: Sheet): (Near & { metres: number })[] {
  if (!location) return []
  return nearby
    .map((each) => ({ ...each, metres: Math.round(metresBetween(location, each)) }))
    .filter(({ metres }) => metres <= NEAR)
    .sort((one, other) => one.metres - other.metres)
    .slice(0, MOST)
}
