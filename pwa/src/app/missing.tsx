/** A record that is not here: finished, removed, or an address typed wrong. */
import { Icon } from '../ui/icons.tsx'
import { words } from '../ui/words.ts'
import { Frame } from './frame.tsx'

export function Missing() {
  return (
    <Frame title="Not on this phone" back={{ to: '/', name: words.home }}>
      <p>This record is not here. It may be finished already: look in the outbox.</p>
      <p class="plain">
        <a class="button large" href="#/outbox">
          <Icon name="inbox" />
          {words.outbox}
        </a>
      </p>
    </Frame>
  )
}
