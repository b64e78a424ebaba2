/** The first PIN of a phone that the council wants locked. */
import { setUp } from '../store/keyring.ts'
import type { Device } from '../types.ts'
import { ChoosePin } from './choose-pin.tsx'

export function FirstPin({ owner }: { owner: Device }) {
  return <ChoosePin onChosen={(pin) => setUp(owner.name, pin)} />
}
