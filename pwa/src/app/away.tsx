/** Stepped away: the record is safe, and there are three things to do. Nothing here says what the officer was doing. */
import { settings } from '../store/index.ts'
import { settingsIn } from '../forms/settings.ts'
import { Icon } from '../ui/icons.tsx'
import { localDay } from '../ui/time.ts'
import { useStored } from './stored.ts'

export function Away({ instanceId }: { instanceId: string }) {
  const room = useStored(async () => String(settingsIn(await settings())('phone.control_room', localDay(new Date())) ?? ''))
  return (
    <main class="page away">
      <h1>Saved. Carry on later.</h1>
      {room && (
        <a class="button" href={`tel:${room.replaceAll(' ', '')}`}>
          <Icon name="phone" />
          Call control room
        </a>
      )}
      <a class="button danger" href="tel:999">
        <Icon name="phone" />
        Call 999
      </a>
      <a class="button" href={`#/form/${instanceId}`}>
        <Icon name="arrow-right" />
        Resume
      </a>
    </main>
  )
}
