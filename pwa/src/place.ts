/** Where the phone is, from the page's own geolocation: never waited for, never from a photo. */
import type { Location } from './types.ts'

const later = (): never => {
  throw new Error('under construction')
}
export const watchPlace = (_listener: (fix: Location | null, words: string) => void): (() => void) => later()
/** The British National Grid reference, 'TR 150 579'; null outside Great Britain. */
export const toGridRef = (_latitude: number, _longitude: number): string | null => later()
