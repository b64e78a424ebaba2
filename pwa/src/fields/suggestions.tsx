/** What a text is likely to be: rows of a list that lie near here, or that begin as what was typed does. */
import { metresBetween } from '../place.ts'
import type { Choice, Location } from '../types.ts'
import { Button } from '../ui/button.tsx'
import type { QuestionProps } from './sheet.ts'

const NEAR = 1000 // metres: the same hand writes within a walk
const MOST = 4

export function Suggestions({ field, path, sheet, typed }: QuestionProps & { typed: string }) {
  if (!field.from) return null
  const likely = likeliest(sheet.choicesOf(field, path), typed, sheet.location)
  if (likely.length === 0) return null
  return (
    <div class="suggestions">
      <span class="quiet small">{typed ? 'Known:' : 'Seen near here:'}</span>
      {likely.map((choice) => (
        <Button key={choice.name} onPress={() => sheet.change(path, choice.label)}>
          {choice.label}
        </Button>
      ))}
    </div>
  )
}

function likeliest(all: Choice[], typed: string, location: Location | null): Choice[] {
  const begins = typed.trim().toLowerCase()
  const away = new Map(all.map((choice) => [choice, distance(choice, location)]))
  return all
    .filter((choice) => (begins ? isLonger(choice.label.toLowerCase(), begins) : away.get(choice)! <= NEAR))
    .sort((one, other) => away.get(one)! - away.get(other)!)
    .slice(0, MOST)
}

function isLonger(label: string, begins: string): boolean {
  return label !== begins && label.startsWith(begins)
}

function distance(choice: Choice, location: Location | null): number {
  const [latitude, longitude] = [Number(choice['latitude'] || NaN), Number(choice['longitude'] || NaN)]
  if (!location || Number.isNaN(latitude) || Number.isNaN(longitude)) return Number.MAX_VALUE
  return metresBetween(location, { latitude, longitude })
}
