/** Who this phone belongs to, and which version of Beatbook it runs. */
import type { Device } from './types.ts'

export { Problem } from './problem.ts'

const later = (): never => {
  throw new Error('under construction')
}
export const device = async (): Promise<Device | null> => later()
/** Throws Problem {title, detail, client} when the code does not work or there is no signal. */
export const enrol = async (_code: string): Promise<Device> => later()
export const askForPersistence = async (): Promise<boolean> => later()
export const updateWaiting = (): boolean => later()
export const onUpdateWaiting = (_callback: () => void): (() => void) => later()
export const applyUpdate = async (): Promise<void> => later()
export const setFormOpen = (_open: boolean): void => later()
