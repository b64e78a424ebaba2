/** What is urgent, on top of Home and My day until somebody has seen it. */
import { alertSeen, unseenAlerts } from '../store/index.ts'
import { LinkButton } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { dayAndTime } from '../ui/time.ts'
import { useStored } from './stored.ts'

const MOST = 3 // more would push the day itself off the screen; the next shows when one is seen

export function Alerts() {
  const all = useStored(unseenAlerts)
  if (!all?.length) return null
  return (
    <section aria-label="Urgent">
      {all.length > 1 && (
        <p>
          <strong>{all.length} urgent</strong>
        </p>
      )}
      {all.slice(0, MOST).map((alert) => (
        <Notice
          key={`${alert.instanceId} ${alert.flag}`}
          tone="attention"
          icon="bell"
          title={alert.flag}
          action={<LinkButton onPress={() => alertSeen(alert)}>Seen</LinkButton>}
        >
          {alert.title}
          <br />
          {[alert.place && !alert.title.includes(alert.place) ? alert.place : '', dayAndTime(alert.receivedAt)]
            .filter(Boolean)
            .join(', ')}
        </Notice>
      ))}
    </section>
  )
}
