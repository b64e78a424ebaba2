/** After the code: who this phone is now, and a short list of what it can do. */
import { device } from '../session.ts'
import { receiptCode } from '../store/view.ts'
import type { Device } from '../types.ts'
import { Notice } from '../ui/notice.tsx'
import { roleName, thingOf } from '../ui/words.ts'
import { Icon } from '../ui/icons.tsx'
import { Checks } from './checks.tsx'
import { Frame } from './frame.tsx'
import { InstallGuide } from './install-guide.tsx'
import { useStored } from './stored.ts'

/** Said on both sides, so that nobody else's phone is taken for this one. */
export function Unconfirmed() {
  const owner = useStored(device)
  if (owner?.confirmed !== false) return null
  return (
    <Notice tone="waiting" icon="clock" title={`Tell the office: ${receiptCode(owner.deviceId.replaceAll('-', ''))}`}>
      They see these letters too, and confirm this phone. You can record and send now. Tasks come after that.
    </Notice>
  )
}

export function Welcome({ owner }: { owner: Device }) {
  const thing = thingOf(owner.role)
  return (
    <Frame
      title={`This ${thing} is ready`}
      bar="Beatbook"
      bottom={
        <a class="button primary" href="#/">
          Start
        </a>
      }
    >
      <p class="you-are">
        <Icon name={thing === 'tablet' ? 'tablet' : 'smartphone'} />
        <span>
          You are: {roleName(owner.role)}. <strong>{owner.name}</strong>
        </span>
      </p>
      <Unconfirmed />
      <h2>What this {thing} can do</h2>
      <Checks of={owner} />
      <h2>On the home screen</h2>
      <InstallGuide />
    </Frame>
  )
}
