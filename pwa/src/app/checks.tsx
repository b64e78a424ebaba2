/** The phone looks at itself: offline, space, storage, place. Plain words, nothing asked for before it is needed. */
import { useEffect, useState } from 'preact/hooks'
import { storageReport } from '../store/index.ts'
import type { Device, StorageReport } from '../types.ts'
import { Icon } from '../ui/icons.tsx'
import { Notice } from '../ui/notice.tsx'
import { age } from '../ui/time.ts'
import { bytes, count } from '../ui/words.ts'
import { reportTrouble } from './trouble.tsx'

const LITTLE_SPACE = 200e6 // about 500 photos: two busy weeks with no signal
const CLOCK_RIGHT = 5 * 60_000 // the office says so of a record from the same difference on
const A_PHOTO = 0.4e6 // bytes: a large one, after shrinking

interface Check {
  what: string
  says: string
  good: boolean | null
}

/** A pupils' tablet is never asked where it is (MT3), so nothing is said of that there. */
export function Checks({ of }: { of: Device }) {
  const looks = [worksOffline, space, keeps, ...(of.role === 'pupil' ? [] : [place])]
  return (
    <ul class="checks">
      {looks.map((look) => (
        <Line key={look.name} look={look} />
      ))}
    </ul>
  )
}

/** Said at home, before anybody sets off: out there it is too late to make room. */
export function LittleSpace({ report: { quota, usage } }: { report: StorageReport }) {
  if (quota === null || usage === null || quota - usage >= LITTLE_SPACE) return null
  const free = Math.max(0, quota - usage)
  return (
    <Notice tone="attention" icon="hard-drive" title="Little space on this phone">
      Only {bytes(free)} free, room for about {count(Math.floor(free / A_PHOTO), 'photo')}. Send what is waiting and free
      some space before you set off.
    </Notice>
  )
}

/** Said at home too: what is recorded would say the wrong time, and nobody sees that on the record. */
export function WrongClock({ ahead }: { ahead: number | null }) {
  if (ahead === null || Math.abs(ahead) <= CLOCK_RIGHT) return null
  const span = age(new Date(0).toISOString(), new Date(Math.abs(ahead)))
  return (
    <Notice tone="attention" icon="clock" title={`This phone’s clock is ${span} ${ahead > 0 ? 'ahead' : 'behind'}`}>
      Set it right in the phone’s own settings, so that records say when they were made. What you record is kept all the
      same.
    </Notice>
  )
}

function Line({ look }: { look: () => Promise<Check> }) {
  const [check, setCheck] = useState<Check>()
  useEffect(() => {
    let wanted = true
    look().then((found) => wanted && setCheck(found), reportTrouble)
    return () => {
      wanted = false
    }
  }, [])
  if (!check) return null
  const { what, says, good } = check
  return (
    <li class={good === null ? 'asking' : good ? 'yes' : 'no'}>
      <Icon name={good === null ? 'circle-dot' : good ? 'circle-check' : 'circle-alert'} />
      <span>
        <strong>{what}</strong>
        {says}
      </span>
    </li>
  )
}

async function worksOffline(): Promise<Check> {
  const what = 'Works with no signal'
  if (!('serviceWorker' in navigator))
    return { what, says: 'No: this address is not secure, so the browser will not keep Beatbook.', good: false }
  const ready = await Promise.race([navigator.serviceWorker.ready, pause(4_000)])
  return ready
    ? { what, says: 'Yes.', good: true }
    : { what, says: 'Not yet. Leave this page open a little longer.', good: null }
}

async function space(): Promise<Check> {
  const what = 'Space'
  const { quota, usage } = await storageReport()
  if (quota === null || usage === null) return { what, says: 'This browser does not say.', good: null }
  const free = quota - usage
  return {
    what,
    says: free < LITTLE_SPACE ? `Only ${bytes(free)} free.` : `${bytes(free)} free.`,
    good: free >= LITTLE_SPACE,
  }
}

async function keeps(): Promise<Check> {
  const what = 'Records stay until they are sent'
  const { persisted } = await storageReport()
  if (persisted) return { what, says: 'Yes, that is promised.', good: true }
  return {
    what,
    says: 'Yes, but that is not promised yet. It is more likely to once Beatbook is on the home screen.',
    good: null,
  }
}

async function place(): Promise<Check> {
  const what = 'Place'
  if (!('geolocation' in navigator))
    return { what, says: 'This phone cannot say where it is. You can type the place.', good: false }
  const { state } = await navigator.permissions.query({ name: 'geolocation' }).catch(() => ({ state: 'prompt' }))
  if (state === 'denied') return { what, says: 'Switched off for Beatbook. You can type the place.', good: false }
  return state === 'granted'
    ? { what, says: 'Yes.', good: true }
    : { what, says: 'The phone will ask you the first time a form needs it.', good: null }
}

function pause(milliseconds: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), milliseconds))
}
