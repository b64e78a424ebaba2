/** After the code: who this phone is now, and a short list of what it can do. */
import type { Device } from '../types.ts'
import { roleName } from '../ui/words.ts'
import { Icon } from '../ui/icons.tsx'
import { Checks } from './checks.tsx'
import { Frame } from './frame.tsx'
import { InstallGuide } from './install-guide.tsx'

export function Welcome({ owner }: { owner: Device }) {
  return (
    <Frame
      title="This phone is ready"
      bar="Beatbook"
      bottom={
        <a class="button primary" href="#/">
          Start
        </a>
      }
    >
      <p class="you-are">
        <Icon name={owner.role === 'pupil' ? 'tablet' : 'smartphone'} />
        <span>
          You are: {roleName(owner.role)}. <strong>{owner.name}</strong>
        </span>
      </p>
      <h2>What this phone can do</h2>
      <Checks />
      <h2>On the home screen</h2>
      <InstallGuide />
    </Frame>
  )
}
