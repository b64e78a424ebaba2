/** What is urgent, on top of Home and My day until somebody has seen it. */
import { alerts, alertSeen } from '../store/index.ts'
import { LinkButton } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { dayAndTime } from '../ui/time.ts'
import { useStored } from './stored.ts'

export function Alerts() {
  const all = useStored(alerts)
  if (!all?.length) return null
  return (
    <section aria-label="Urgent" class="alerts">
      {all.length > 1 && <p class="quiet">{all.length} urgent</p>}
      {all.map((alert) => (
        <Notice
          key={alert.alertId}
          tone="attention"
          icon="bell"
          title={alert.title}
          live
          action={<LinkButton onPress={() => alertSeen(alert.alertId)}>Seen</LinkButton>}
        >
          {[alert.place, dayAndTime(alert.at)].filter(Boolean).join(', ')}
        </Notice>
      ))}
    </section>
  )
}
