/** Beatbook on the phone: opens the store, asks whose phone it is, and shows the screen the address names. */
import { useEffect, useState } from 'preact/hooks'
import { device, recover } from '../session.ts'
import { meta, setMeta } from '../store/database.ts'
import { lockNow, openStore, standingOrder, storageReport, subscribe, type Order } from '../store/index.ts'
import { startSync } from '../sync/index.ts'
import type { Device } from '../types.ts'
import { Begin } from './begin.tsx'
import { Done } from './done.tsx'
import { Enrol } from './enrol.tsx'
import { FormScreen } from './form.tsx'
import { Home } from './home.tsx'
import { Classroom, isInClassroom } from './classroom.tsx'
import { Missing } from './missing.tsx'
import { NoStorage } from './no-storage.tsx'
import { Outbox } from './outbox.tsx'
import { later } from './later.tsx'
import { useRoute } from './route.ts'
import { useLock, useStored } from './stored.ts'
import { sentence } from './trouble.tsx'
import { Welcome } from './welcome.tsx'

const Leader = later(() => import('../leader/leader.tsx').then((module) => module.Leader))
const Pupil = later(() => import('../pupil/pupil.tsx').then((module) => module.Pupil))

const LockScreen = later(() => import('../lock/lock-screen.tsx').then((module) => module.LockScreen))
const FirstPin = later(() => import('../lock/first-pin.tsx').then((module) => module.FirstPin))

const HAS_PIN: string[] = ['open', 'locked']
const WRITING = ['begin', 'form', 'away'] // what is open is finished first
const LEAD_PATROLS = ['officer', 'parking', 'school'] // whose phones sign patrols for tablets with no signal
const DeviceScreen = later(() => import('./device.tsx').then((screen) => screen.DeviceScreen))
const RecordScreen = later(() => import('./record.tsx').then((screen) => screen.RecordScreen))
const PhotoScreen = later(() => import('./photo.tsx').then((screen) => screen.PhotoScreen))
const DayScreen = later(() => import('./day.tsx').then((screen) => screen.DayScreen))
const AdviceScreen = later(() => import('./advice.tsx').then((screen) => screen.AdviceScreen))
const CardScreen = later(() => import('./card.tsx').then((screen) => screen.CardScreen))
const ShowScreen = later(() => import('./show.tsx').then((screen) => screen.ShowScreen))
const NoticeScreen = later(() => import('./notice.tsx').then((module) => module.NoticeScreen))
const Away = later(() => import('./away.tsx').then((module) => module.Away))
const Leaving = later(() => import('./leaving.tsx').then((module) => module.Leaving))
const Locked = later(() => import('./leaving.tsx').then((module) => module.Locked))
const Cleared = later(() => import('./leaving.tsx').then((module) => module.Cleared))
const HandIn = later(() => import('./leaving.tsx').then((module) => module.HandIn))
const NotebookScreen = later(() => import('./notebook.tsx').then((module) => module.NotebookScreen))

interface Found {
  owner: Device | null
  wiped: boolean
}

export function App() {
  const [found, setFound] = useState<Found>()
  const [trouble, setTrouble] = useState('')
  const [cleared, setCleared] = useState(false)
  const order = useStored(standingOrder)
  const look = async () => {
    const owner = await device()
    setFound({ owner, wiped: (await storageReport()).wiped })
    if (owner === null && (await recover().catch(() => null))) await look() // failing that, the code will do
  }
  useEffect(() => subscribe((news) => news === 'cleared' && setCleared(true)), [])
  useEffect(() => {
    openStore()
      .then(startSync) // first: until what waits is counted, no screen may say that all is sent
      .then(look)
      .catch((error: unknown) => setTrouble(sentence(error)))
  }, [])
  const role = found?.owner?.role
  useEffect(() => {
    if (role && LEAD_PATROLS.includes(role)) import('../leader/key.ts').then((module) => module.showKey())
  }, [role])
  const route = useRoute()
  const lock = useLock()
  useEffect(() => {
    if (order?.do === 'lock' && HAS_PIN.includes(lock)) void heed(order)
  }, [order?.id, lock])
  if (cleared) return <Cleared />
  if (trouble) return <NoStorage why={trouble} />
  if (!found) return null
  const code = route[0] === 'enrol' ? route[1] : undefined
  const enrol = <Enrol key={route.join()} code={code} owner={found.owner} wiped={found.wiped} onEnrolled={look} />
  if (!found.owner) return enrol
  if (order?.do === 'clear') return <Leaving order={order} owner={found.owner} />
  if (order?.do === 'lock' && !HAS_PIN.includes(lock)) return <Locked owner={found.owner} />
  if (lock === 'locked') return <LockScreen owner={found.owner} onEnrolled={look} />
  if (lock === 'to-set' && !WRITING.includes(route[0] ?? '')) return <FirstPin owner={found.owner} />
  if (found.owner.role === 'pupil') {
    // On a patrol a tablet shows that and nothing else; between patrols a grown-up may set it up anew.
    const classroom = isInClassroom(route[0]) ? <Classroom route={route} owner={found.owner} /> : null
    const between = code ? enrol : route[0] === 'welcome' ? <Welcome owner={found.owner} /> : classroom
    return <Pupil route={route} between={between} />
  }
  if (route[0] === 'enrol') return enrol
  if (isInClassroom(route[0])) return <Classroom route={route} owner={found.owner} />
  return <Screen route={route} owner={found.owner} />
}

/** The office has locked this phone: it asks for the PIN, once for each time that the office says so. */
async function heed(order: Order): Promise<void> {
  if ((await meta<number>('lockHeeded')) === order.id) return
  await setMeta('lockHeeded', order.id)
  await lockNow()
}

function Screen({ route: [name, id = '', other = '', last = ''], owner }: { route: string[]; owner: Device }) {
  switch (name) {
    case undefined:
      return <Home owner={owner} />
    case 'welcome':
      return <Welcome owner={owner} />
    case 'begin':
      return <Begin key={id} formId={id} />
    case 'form':
      return <FormScreen key={id} instanceId={id} />
    case 'done':
      return <Done key={id} instanceId={id} />
    case 'outbox':
      return <Outbox tab={id} />
    case 'record':
      return <RecordScreen key={id} instanceId={id} />
    case 'photo':
      return <PhotoScreen key={id} instanceId={id} photoId={other} />
    case 'patrol':
      return <Leader id={id} />
    case 'day':
      return <DayScreen owner={owner} />
    case 'advice':
      if (!id) return <AdviceScreen />
      if (other === 'show') return <ShowScreen key={id} code={id} school={last} />
      return <CardScreen key={id} code={id} school={last} />
    case 'notice':
      return <NoticeScreen key={id} instanceId={id} />
    case 'away':
      return <Away key={id} instanceId={id} />
    case 'notebook':
      return <NotebookScreen />
    case 'hand-in':
      return <HandIn />
    case 'device':
      return <DeviceScreen owner={owner} />
    default:
      return <Missing />
  }
}
