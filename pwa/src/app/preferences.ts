/** How this person holds the phone: text size, hand, theme. Outside the database, so that the first paint has them. */

export interface Preferences {
  text: 'normal' | 'large' | 'largest'
  hand: 'right' | 'left'
  theme: 'daylight' | 'night'
}

const KEY = 'beatbook.preferences'
const usual: Preferences = { text: 'normal', hand: 'right', theme: 'daylight' }

export function preferences(): Preferences {
  try {
    return { ...usual, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>) }
  } catch {
    return usual // storage switched off, or something else wrote there: the usual look will do
  }
}

export function prefer(change: Partial<Preferences>): Preferences {
  const wanted = { ...preferences(), ...change }
  try {
    localStorage.setItem(KEY, JSON.stringify(wanted))
  } catch {
    // The choice holds until Beatbook is closed.
  }
  show(wanted)
  return wanted
}

export function show({ text, hand, theme }: Preferences): void {
  Object.assign(document.documentElement.dataset, { text, hand, theme })
  const bar = getComputedStyle(document.documentElement).getPropertyValue('--bar')
  document.querySelector('meta[name=theme-color]')?.setAttribute('content', bar.trim())
}
