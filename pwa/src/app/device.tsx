/** This device: what it holds, whether it can send, and how its owner likes to read it. */
import { useState } from 'preact/hooks'
import { device } from '../session.ts'
import { putAway, storageReport } from '../store/index.ts'
import { sendNow } from '../sync/index.ts'
import type { Device, StorageReport } from '../types.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { age } from '../ui/time.ts'
import { Later } from '../ui/later.tsx'
import { bytes, count, roleName, words } from '../ui/words.ts'
import { Wiped } from './home.tsx'
import { Checks } from './checks.tsx'
import { ExportUnsent } from './export.tsx'
import { Frame } from './frame.tsx'
import { InstallGuide } from './install-guide.tsx'
import { prefer, preferences, type Preferences } from './preferences.ts'
import { useLock, useStored } from './stored.ts'

declare const __APP_VERSION__: string

export function DeviceScreen({ owner }: { owner: Device }) {
  const report = useStored(storageReport)
  const lock = useLock()
  const now = useStored(device)
  const away = useStored(putAway)
  return (
    <Frame title={words.device} bar={owner.name} back={{ to: '/', name: words.home }}>
      {report?.wiped && <Wiped />}
      <p class="you-are">
        <Icon name="smartphone" />
        <span>
          You are: {roleName(owner.role)}. <strong>{owner.name}</strong>
          {now?.holder && <span class="facts">Carried by {now.holder}</span>}
        </span>
      </p>
      {lock === 'open' && <Lock />}
      {away ? (
        <p>Put away here: {count(away, 'record')} that somebody else has begun. Only they see it, when they carry this phone.</p>
      ) : null}
      <Looks />
      <h2>Sending</h2>
      {report && <Unsent report={report} />}
      <Connection />
      <ExportUnsent />
      <h2>Storage</h2>
      {report && <Storage report={report} />}
      <Checks of={owner} />
      <Later load={() => import('./map-file.tsx').then((part) => part.MapFile)} given={{}} />
      <h2>On the home screen</h2>
      <InstallGuide />
      <h2>Version</h2>
      <dl class="facts-list">
        <div>
          <dt>Beatbook</dt>
          <dd>{__APP_VERSION__}</dd>
        </div>
        <div>
          <dt>Device</dt>
          <dd class="receipt">{owner.deviceId}</dd>
        </div>
      </dl>
    </Frame>
  )
}

function Lock() {
  return (
    <>
      <h2>Lock</h2>
      <Later load={() => import('../lock/here.tsx').then((part) => part.LockHere)} given={{}} />
    </>
  )
}

function Unsent({ report }: { report: StorageReport }) {
  return (
    <dl class="facts-list">
      <div>
        <dt>Not sent yet</dt>
        <dd>{report.unsent}</dd>
      </div>
      {report.oldestUnsentAt && (
        <div>
          <dt>The oldest has waited</dt>
          <dd>{age(report.oldestUnsentAt, new Date())}</dd>
        </div>
      )}
    </dl>
  )
}

function Connection() {
  const [said, setSaid] = useState('')
  const test = async () => {
    setSaid('Trying…')
    const { online, answer } = await sendNow()
    setSaid(online ? 'The server answers.' : `${answer} Everything is safe on this phone.`)
  }
  return (
    <>
      <p class="when-chips">
        <Button icon="refresh-cw" onPress={test}>
          Test connection
        </Button>
      </p>
      <p class="answer-line" role="status">
        {said}
      </p>
    </>
  )
}

function Storage({ report: { usage, quota } }: { report: StorageReport }) {
  if (usage === null || quota === null) return null
  return (
    <>
      <p>
        {bytes(usage)} used of {bytes(quota)}
      </p>
      <meter class="meter" min={0} max={quota} value={usage} aria-label="Space used">
        {bytes(usage)}
      </meter>
    </>
  )
}

function Looks() {
  const [wanted, setWanted] = useState(preferences)
  const set = (change: Partial<Preferences>) => setWanted(prefer(change))
  return (
    <>
      <h2>How it looks</h2>
      <Pick
        name="text"
        asks="Text size"
        value={wanted.text}
        of={[
          ['normal', 'Normal'],
          ['large', 'Large'],
          ['largest', 'Largest'],
        ]}
        onPick={(text) => set({ text })}
      />
      <Pick
        name="theme"
        asks="Theme"
        value={wanted.theme}
        of={[
          ['daylight', 'Daylight'],
          ['night', 'Night'],
        ]}
        onPick={(theme) => set({ theme })}
      />
      <Pick
        name="hand"
        asks="Which hand holds it?"
        value={wanted.hand}
        of={[
          ['right', 'Right'],
          ['left', 'Left'],
        ]}
        onPick={(hand) => set({ hand })}
      />
    </>
  )
}

interface PickProps<T extends string> {
  name: string
  asks: string
  value: T
  of: [T, string][]
  onPick: (value: T) => void
}

function Pick<T extends string>({ name, asks, value, of, onPick }: PickProps<T>) {
  return (
    <fieldset class="setting">
      <legend>{asks}</legend>
      <div class="choices chips-look">
        {of.map(([each, label]) => (
          <label key={each} class="choice">
            <input type="radio" name={name} value={each} checked={each === value} onChange={() => onPick(each)} />
            <span class="mark">
              <Icon name="check" />
            </span>
            <span class="label">{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
