/** Digits as tiles of 128 pixels, and one less or one more. */
import { Tile } from '../studio/tile.tsx'
import { say } from './words.ts'

interface Props {
  onDigit: (digit: number) => void
  onStep: (step: 1 | -1) => void
}

export function Keypad({ onDigit, onStep }: Props) {
  return (
    <div class="keypad" role="group" aria-label="0 to 9">
      {[1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => (
        <Key key={digit} digit={digit} onDigit={onDigit} />
      ))}
      <Tile words={say.less} icon="minus" onPress={() => onStep(-1)} />
      <Key digit={0} onDigit={onDigit} />
      <Tile words={say.more} icon="plus" onPress={() => onStep(1)} />
    </div>
  )
}

function Key({ digit, onDigit }: { digit: number; onDigit: (digit: number) => void }) {
  return (
    <button type="button" class="slab key" onClick={() => onDigit(digit)}>
      {digit}
    </button>
  )
}
