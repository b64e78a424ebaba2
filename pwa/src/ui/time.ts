/** Times as people here read and write them: 24 hours, the day first. The clock is always given. */

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** "Wed 23 Sep 2026 09:41" */
export function dayAndTime(iso: string): string {
  return `${day(iso)} ${clock(iso)}`
}

/** "Wed 23 Sep 2026" */
export function day(iso: string): string {
  const at = read(iso)
  return `${days[at.getDay()]} ${at.getDate()} ${months[at.getMonth()]} ${at.getFullYear()}`
}

/** "09:41" */
export function clock(iso: string): string {
  const at = read(iso)
  return `${two(at.getHours())}:${two(at.getMinutes())}`
}

/** "less than a minute", "12 minutes", "3 hours", "2 days" */
export function age(iso: string, now: Date): string {
  const minutes = Math.floor((now.getTime() - read(iso).getTime()) / 60_000)
  if (minutes < 1) return 'less than a minute'
  if (minutes < 60) return plural(minutes, 'minute')
  if (minutes < 24 * 60) return plural(Math.floor(minutes / 60), 'hour')
  return plural(Math.floor(minutes / 60 / 24), 'day')
}

/** This moment with the phone's own offset, as records carry it: "2026-09-23T09:41:00+01:00". */
export function stamp(at: Date): string {
  const offset = -at.getTimezoneOffset()
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`
  return `${localMinute(at)}:${two(at.getSeconds())}${zone}`
}

/** What a datetime-local box holds: "2026-09-23T09:41". */
export function localMinute(at: Date): string {
  return `${localDay(at)}T${two(at.getHours())}:${two(at.getMinutes())}`
}

/** What a date box holds: "2026-09-23". */
export function localDay(at: Date): string {
  return `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

/** A day alone means that day here, not midnight in Greenwich. */
function read(iso: string): Date {
  return new Date(/^\d{4}-\d\d-\d\d$/.test(iso) ? `${iso}T00:00` : iso)
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
