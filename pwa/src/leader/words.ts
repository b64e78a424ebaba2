/** What grown-ups read and read out. */

/** Read out before pupils go out; also their privacy notice. One sentence for each breath. */
export const BRIEFING = [
  'Stay with your grown-up and on the pavement. Never step between cars.',
  'We are polite. If a driver is cross, step back and tell your grown-up.',
  'You do not write names or number plates. The tablet does not know your name or where you live.',
  'If you take a picture, only wheels and lines, and we cover number plates and people. A grown-up checks every picture and we throw pictures away after a month.',
  'You can stop whenever you like.',
]

export const INCIDENTS: [string, string][] = [
  ['none', 'No'],
  ['driver_cross', 'A driver was cross'],
  ['near_miss', 'Near miss'],
  ['child_upset', 'Child upset'],
  ['other', 'Something else'],
]
