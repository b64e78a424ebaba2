/** Home: the pictures that start a record, what is unfinished, and the way to the outbox. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { discardDraft, drafts, forms, records, restoreDraft, storageReport, tasks } from '../store/index.ts'
import { led } from '../store/patrols.ts'
import { sendNow } from '../sync/index.ts'
import type { Answers, Device, Draft, Form, Links } from '../types.ts'
import { Button, LinkButton } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { Notice } from '../ui/notice.tsx'
import { Undone } from '../ui/undone.tsx'
import { dayAndTime } from '../ui/time.ts'
import { usePress } from '../ui/press.ts'
import { roleName, words } from '../ui/words.ts'
import { Alerts } from './alerts.tsx'
import { LittleSpace, WrongClock } from './checks.tsx'
import { Frame } from './frame.tsx'
import { isPatrol, OnPatrol } from './on-patrol.tsx'
import { OpenDraft } from './open-draft.ts'
import { putAside, removedLast } from './removed.ts'
import { go } from './route.ts'
import { titleOfDraft } from './rules.ts'
import { useStatus, useStored } from './stored.ts'
import { summary } from './tasks.ts'
import { reportTrouble } from './trouble.tsx'
import { Unconfirmed } from './welcome.tsx'

const MOST_UNFINISHED = 3
const UNPLACED = Number.MAX_SAFE_INTEGER // after those that have a place, by title

export function Home({ owner }: { owner: Device }) {
  const mine = useStored(() => formsFor(owner))
  const open = useStored(async () => (await drafts()).filter((draft) => !(draft.formId in ownScreens)))
  const report = useStored(storageReport)
  const status = useStatus()
  const patrol = mine?.find(isPatrol)
  const waiting = status.waiting + status.sending + status.attention
  return (
    <Frame
      title={['school', 'volunteer'].includes(owner.role) ? 'What shall we do?' : 'What have you seen?'}
      lead={
        <>
          <Alerts />
          <Daily />
        </>
      }
      bar={<Owner owner={owner} />}
      bottom={<OutboxLink waiting={waiting} />}
    >
      {report?.wiped && <Wiped />}
      <Unconfirmed />
      {report && <LittleSpace report={report} />}
      <WrongClock ahead={status.ahead} />
      {mine?.length === 0 && <NoForms />}
      {patrol && open && <OnPatrol form={patrol} open={open} />}
      {mine && mine.length > 0 && (
        <Tiles forms={mine.filter((form) => !isPatrol(form) && !form.isSeldom)}>
          {owner.role === 'school' && (
            <li>
              <a class="start" href="#/paper">
                <span class="picture">
                  <Icon name="printer" />
                </span>
                Print
              </a>
            </li>
          )}
        </Tiles>
      )}
      <MoreForms forms={mine?.filter((form) => form.isSeldom) ?? []} />
      <OpenPatrol />
      {mine?.some(({ formId }) => formId === 'notebook') && (
        <a class="row notebook-link" href="#/notebook">
          <Icon name="book-open" />
          <span class="about">
            <span class="title">My notebook</span>
            <span class="facts">Signed entries, in order</span>
          </span>
          <Icon name="chevron-right" />
        </a>
      )}
      {open && mine && <CarryOn drafts={open.filter((draft) => !isPatrol(draft))} />}
      {open?.length === 0 && waiting === 0 && mine && mine.length > 0 && (
        <p class="nothing">
          <Icon name="circle-check" />
          {words.nothingWaiting}
        </p>
      )}
    </Frame>
  )
}

export function Wiped() {
  return (
    <Notice tone="attention" icon="triangle-alert" title="This phone’s storage was cleared">
      Records that had not been sent are gone. Tell your supervisor which ones you made since the last signal.
    </Notice>
  )
}

/** Forms that are filled in on screens of their own. */
export const ownScreens: Record<string, string> = { ticket_design: '/studio', wow_tally: '/wow', pupil_patrol: '/patrol' }

/** Starts a record of this form and opens it. */
export async function begin(form: Form, given: Answers = {}, links?: Links): Promise<void> {
  const screen = ownScreens[form.formId]
  if (screen) return go(screen)
  try {
    go(`/form/${await OpenDraft.begin(form, given, links)}`)
  } catch (error) {
    reportTrouble(error)
  }
}

function Owner({ owner }: { owner: Device }) {
  return (
    <>
      {owner.name}
      <span class="role">{roleName(owner.role)}</span>
    </>
  )
}

/** The two ways that lead to no record: what there is to do, and what there is to say. */
function Daily() {
  const all = useStored(tasks)
  const said = all ? summary(all, new Date()) : ''
  return (
    <nav class="daily" aria-label="Today">
      <a class="button large" href="#/day">
        <Icon name="list-checks" />
        <span>
          My day
          <span class="facts">{said}</span>
        </span>
      </a>
      <a class="button large" href="#/advice">
        <Icon name="book-open" />
        Advice
      </a>
    </nav>
  )
}

function Tiles({ forms: shown, children }: { forms: Form[]; children?: ComponentChildren }) {
  return (
    <ul class="tiles">
      {shown.map((form) => (
        <li key={form.formId}>
          <Start form={form} />
        </li>
      ))}
      {children}
    </ul>
  )
}

/** What this role seldom needs; what it has needed lately stands with the others. */
function MoreForms({ forms: seldom }: { forms: Form[] }) {
  if (seldom.length === 0) return null
  return (
    <details class="section more-forms">
      <summary>
        More forms
        <Icon name="chevron-down" />
      </summary>
      <div class="inside">
        <Tiles forms={seldom} />
      </div>
    </details>
  )
}

function Start({ form }: { form: Form }) {
  const press = usePress(() => begin(form))
  return (
    <button type="button" class="start" onClick={press}>
      <span class="picture">
        <Icon name={form.icon} />
      </span>
      {form.title}
    </button>
  )
}

/** A patrol that pupils are on is one tap away from wherever its adult is. */
function OpenPatrol() {
  const patrol = useStored(async () => (await led()).find((one) => !one.closedAt) ?? null)
  if (!patrol) return null
  return (
    <>
      <h2>Pupils are out</h2>
      <ul class="rows">
        <li>
          <a class="row" href={`#/patrol/${patrol.patrolId}`}>
            <span class="thumbnail">
              <Icon name="footprints" />
            </span>
            <span class="about">
              <span class="title">{patrol.schoolName}</span>
              <span class="facts">Pupils’ patrol, {dayAndTime(patrol.startsAt)}</span>
            </span>
          </a>
        </li>
      </ul>
    </>
  )
}

function CarryOn({ drafts: open }: { drafts: Draft[] }) {
  const [all, setAll] = useState(false)
  const [removed, setRemoved] = useState(removedLast)
  useEffect(() => () => putAside(null), []) // leaving Home is the next action: "Undo" has had its time
  const isGone = (draft: Draft) => draft.instanceId === removed?.instanceId
  const rows = newestFirst(removed && !open.some(isGone) ? [...open, removed] : open)
  if (rows.length === 0) return null
  const remove = async (draft: Draft) => {
    await discardDraft(draft.instanceId).catch(reportTrouble)
    setRemoved(draft)
  }
  const undo = async (draft: Draft) => {
    await restoreDraft(draft.instanceId).catch(reportTrouble)
    setRemoved(null)
  }
  return (
    <>
      <h2>Carry on</h2>
      <ul class="rows">
        {rows.slice(0, all ? undefined : MOST_UNFINISHED).map((draft) => (
          <li key={draft.instanceId}>
            {isGone(draft) ? (
              <Undone onUndo={() => undo(draft)} />
            ) : (
              <Unfinished draft={draft} onRemove={() => remove(draft)} />
            )}
          </li>
        ))}
      </ul>
      {!all && rows.length > MOST_UNFINISHED && (
        <LinkButton onPress={() => setAll(true)}>Show all {rows.length}</LinkButton>
      )}
    </>
  )
}

function Unfinished({ draft, onRemove }: { draft: Draft; onRemove: () => unknown }) {
  const title = useStored(() => titleOfDraft(draft), [draft.changedAt])
  if (!title) return null
  return (
    <div class="row-with-button">
      <a class="row" href={`#/form/${draft.instanceId}`}>
        <span class="thumbnail">
          <Icon name="pencil" />
        </span>
        <span class="about">
          <span class="title" id={`title-${draft.instanceId}`}>
            {title}
          </span>
          <span class="facts">Not finished, {dayAndTime(draft.changedAt)}</span>
        </span>
      </a>
      <Button
        icon="trash-2"
        class="icon-only"
        label="Remove"
        describedBy={`title-${draft.instanceId}`}
        onPress={onRemove}
      />
    </div>
  )
}

function OutboxLink({ waiting }: { waiting: number }) {
  return (
    <a class="button primary" href="#/outbox">
      <Icon name="inbox" />
      {words.outbox}
      {waiting > 0 && <span class="badge">{waiting}</span>}
    </a>
  )
}

function NoForms() {
  const [said, setSaid] = useState('')
  const fetch = async () => setSaid((await sendNow()).online ? '' : 'No signal yet. They come by themselves.')
  return (
    <Notice
      tone="waiting"
      icon="download"
      title="The forms have not reached this phone yet"
      action={
        <Button icon="refresh-cw" onPress={fetch}>
          Fetch now
        </Button>
      }
    >
      They come with the first signal. <span role="status">{said}</span>
    </Notice>
  )
}

/** Only what this role may fill in: what was used last first, then in the order that the forms say. */
async function formsFor({ role }: Device): Promise<(Form & { isSeldom: boolean })[]> {
  const [all, done, open] = await Promise.all([forms(), records(), drafts()])
  const lastUse = (form: Form) =>
    [...done, ...open]
      .filter((used) => used.formId === form.formId)
      .reduce((last, used) => (used.changedAt > last ? used.changedAt : last), '')
  const place = ({ home }: Form) => (typeof home?.[role] === 'number' ? home[role] : UNPLACED)
  return all
    .filter((form) => form.audience.includes(role) && !form.apart)
    .map((form) => ({ ...form, isSeldom: form.home?.[role] === 'more' && !lastUse(form) }))
    .sort(
      (one, other) =>
        lastUse(other).localeCompare(lastUse(one)) || place(one) - place(other) || one.title.localeCompare(other.title),
    )
}

function newestFirst(open: Draft[]): Draft[] {
  return [...open].sort((one, other) => other.changedAt.localeCompare(one.changedAt))
}
