/** The outbox: what needs somebody, what waits for a signal, what has arrived. */
import { useState } from 'preact/hooks'
import { drafts, records } from '../store/index.ts'
import { sendNow } from '../sync/index.ts'
import type { Draft, RecordState, RecordView } from '../types.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { words } from '../ui/words.ts'
import { Frame } from './frame.tsx'
import { DraftRow, RecordRow } from './row.tsx'
import { useStored } from './stored.ts'

const SENT_SHOWN = 14 * 24 * 3_600_000 // a fortnight: until the tasking group has met once more

type Tab = 'needs' | 'waiting' | 'sent'

const belongs: Record<RecordState, Tab> = {
  unfinished: 'needs',
  returned: 'needs',
  stuck: 'needs',
  waiting: 'waiting',
  sending: 'waiting',
  held: 'waiting',
  sent: 'sent',
  approved: 'sent',
  rejected: 'sent',
  mended: 'sent',
}

const nothing: Record<Tab, string> = {
  needs: 'Nothing needs you.',
  waiting: 'Nothing waiting. Everything finished has been sent.',
  sent: 'Nothing sent in the last 14 days.',
}

export function Outbox({ tab }: { tab: string | undefined }) {
  const all = useStored(records)
  const open = useStored(drafts)
  const [said, setSaid] = useState('')
  const send = async () => {
    setSaid('Trying…')
    setSaid((await sendNow()).answer)
  }
  const sorted = all && open && sort(all, open, Date.now())
  const shown = isTab(tab) ? tab : sorted ? firstWithSomething(sorted) : 'waiting'
  return (
    <Frame
      title={words.outbox}
      back={{ to: '/', name: words.home }}
      bottom={
        <>
          <p class="answer-line" role="status">
            {said}
          </p>
          <Button kind="primary" icon="send" onPress={send}>
            {words.sendNow}
          </Button>
        </>
      }
    >
      <nav class="links" aria-label={words.outbox}>
        <TabLink
          tab="needs"
          shown={shown}
          name="Needs you"
          number={sorted && sorted.needs.length + sorted.open.length}
        />
        <TabLink tab="waiting" shown={shown} name="Waiting" number={sorted?.waiting.length} />
        <TabLink tab="sent" shown={shown} name="Sent" number={sorted?.sent.length} />
      </nav>
      {shown === 'sent' && <p class="quiet small">The last 14 days.</p>}
      {sorted && <List rows={sorted[shown]} open={shown === 'needs' ? sorted.open : []} empty={nothing[shown]} />}
    </Frame>
  )
}

function TabLink({ tab, shown, name, number }: { tab: Tab; shown: Tab; name: string; number: number | undefined }) {
  return (
    <a href={`#/outbox/${tab}`} aria-current={tab === shown ? 'page' : undefined}>
      {name}
      {number ? <span>{number}</span> : null}
    </a>
  )
}

function List({ rows, open, empty }: { rows: RecordView[]; open: Draft[]; empty: string }) {
  if (rows.length + open.length === 0)
    return (
      <p class="nothing">
        <Icon name="circle-check" />
        {empty}
      </p>
    )
  return (
    <ul class="rows">
      {rows.map((row) => (
        <li key={row.instanceId}>
          <RecordRow row={row} />
        </li>
      ))}
      {open.map((draft) => (
        <li key={draft.instanceId}>
          <DraftRow draft={draft} />
        </li>
      ))}
    </ul>
  )
}

function sort(all: RecordView[], open: Draft[], now: number) {
  const of = (tab: Tab) => all.filter((row) => belongs[row.state] === tab)
  return {
    open,
    needs: of('needs'),
    waiting: of('waiting'),
    sent: of('sent').filter((row) => now - arrivedAt(row) < SENT_SHOWN),
  }
}

/** What waited a month for a signal is shown as long as what went at once. */
function arrivedAt(row: RecordView): number {
  return Date.parse(row.receipt?.receivedAt ?? row.capturedAt)
}

function firstWithSomething(sorted: ReturnType<typeof sort>): Tab {
  if (sorted.needs.length) return 'needs'
  if (sorted.waiting.length || !sorted.sent.length) return 'waiting'
  return 'sent'
}

function isTab(tab: string | undefined): tab is Tab {
  return tab === 'needs' || tab === 'waiting' || tab === 'sent'
}
