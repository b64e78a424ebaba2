/** Every word that a pupil reads on a tablet, but for the choices, which the ticket's own form holds. A test minds their reading age. */
import said from './words.json'

export const words = said

/** 'We are the {team} team.' with what stands for {team}. */
export function filled(sentence: string, given: Record<string, string>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => given[name] ?? '')
}
