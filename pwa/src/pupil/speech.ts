/** Reads aloud, where the tablet has a voice of its own. One that would send the words elsewhere is never used (MT20). */

/** A voice on this tablet, an English one first. */
export function voice(): SpeechSynthesisVoice | null {
  const speech = (globalThis as { speechSynthesis?: SpeechSynthesis }).speechSynthesis
  const own = speech?.getVoices().filter((one) => one.localService && one.lang.startsWith('en')) ?? []
  return own.find((one) => one.lang === 'en-GB') ?? own[0] ?? null
}

/** Calls back when the list of voices has come; browsers fill it after the page. */
export function onVoices(tell: () => void): () => void {
  const speech = (globalThis as { speechSynthesis?: SpeechSynthesis }).speechSynthesis
  speech?.addEventListener('voiceschanged', tell)
  return () => speech?.removeEventListener('voiceschanged', tell)
}

/** Reads one after the other, and says which it is at; an empty name when it is done. */
export function readAloud(lines: string[], at: (line: string) => void): void {
  const with_ = voice()
  if (!with_) return
  speechSynthesis.cancel()
  lines.forEach((line, index) => {
    const words = new SpeechSynthesisUtterance(line)
    words.voice = with_
    words.lang = with_.lang
    words.rate = 0.9
    words.onstart = () => at(line)
    if (index === lines.length - 1) words.onend = () => at('')
    speechSynthesis.speak(words)
  })
}

export function hush(): void {
  ;(globalThis as { speechSynthesis?: SpeechSynthesis }).speechSynthesis?.cancel()
}
