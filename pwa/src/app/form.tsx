/** A form on one scrolling page: every change kept, one button to finish. */
import { useEffect, useReducer, useRef, useState } from 'preact/hooks'
import { PlaceRow } from '../fields/geopoint.tsx'
import { Questions } from '../fields/index.tsx'
import { idOf, type Path } from '../fields/sheet.ts'
import { setFormOpen } from '../session.ts'
import { record } from '../store/index.ts'
import { refresh } from '../sync/index.ts'
import type { Field } from '../types.ts'
import { Button, LinkButton } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { MovingBar } from '../ui/moving-bar.tsx'
import { Notice } from '../ui/notice.tsx'
import { clock } from '../ui/time.ts'
import { words } from '../ui/words.ts'
import { ErrorSummary } from './error-summary.tsx'
import { Frame } from './frame.tsx'
import { later } from './later.tsx'
import { Missing } from './missing.tsx'
import { OpenDraft } from './open-draft.ts'
import { putAside } from './removed.ts'
import { go, goInstead } from './route.ts'
import { useStored } from './stored.ts'
import { reportTrouble } from './trouble.tsx'

const IssueSheet = later(() => import('./issue.tsx').then((module) => module.IssueSheet))

export function FormScreen({ instanceId }: { instanceId: string }) {
  const open = useOpenDraft(instanceId)
  const summary = useRef<HTMLDivElement>(null)
  const [tries, setTries] = useState(0)
  const [finishing, setFinishing] = useState(false)
  const [issuing, setIssuing] = useState(false)
  useEffect(() => {
    if (tries === 0) return
    summary.current?.focus({ preventScroll: true })
    summary.current?.scrollIntoView({ block: 'start' }) // focus alone shows the end of one that is longer than the page
  }, [tries])
  if (open === undefined)
    return (
      <Frame title="Opening" formOpen>
        <MovingBar words="Opening the record" />
      </Frame>
    )
  if (open === null) return <Missing />
  const { form, sheet } = open
  const issue = form.issue && open.isNotice ? form.issue : undefined
  const finish = async () => {
    if (issue) {
      if (await open.isSound()) setIssuing(true)
      else setTries(tries + 1)
      return
    }
    setFinishing(true)
    const done = await open.finish().finally(() => setFinishing(false))
    if (!done) return setTries(tries + 1)
    await refresh()
    goInstead(`/done/${instanceId}`)
  }
  const give = async () => {
    if (!issue) return
    if (!(await open.issue(issue))) {
      if (open.failure) return // said on the sheet
      setIssuing(false) // time has gone by, and something is wrong now that was right before
      setTries(tries + 1)
      return
    }
    await refresh()
    goInstead(`/notice/${instanceId}`)
  }
  const stepAway = async (path: Path) => {
    await open.stepAway(path)
    go(`/away/${instanceId}`)
  }
  const discard = async () => {
    await open.discard()
    putAside(open.draft)
    go('/')
  }
  if (issue && issuing) return <IssueSheet open={open} issue={issue} onBack={() => setIssuing(false)} onIssue={give} />
  const away = form.fields.find((field) => field.appearance === 'step_away')
  return (
    <Frame
      title={form.title}
      icon={form.icon ?? 'file-text'}
      back={{ to: '/', name: words.home }}
      formOpen
      corner={
        away && (
          <Button class="step-away" icon="shield" onPress={() => stepAway(away.name)}>
            Step away
          </Button>
        )
      }
      bottom={
        <>
          <Saved open={open} />
          <Button kind="primary" icon={finishing ? undefined : issue ? 'file-text' : 'check'} onPress={finish}>
            {finishing ? 'Saving…' : (issue?.button ?? otherwise(open) ?? words.finish)}
          </Button>
        </>
      }
    >
      <ErrorSummary box={summary} found={open.reported} problems={open.problems} onGo={focusOn} />
      {form.hint && <p class="form-hint">{form.hint}</p>}
      {open.draft.replaces && <WhatToMend instanceId={open.draft.replaces} />}
      {!asksForPlace(form.fields) && <PlaceRow sheet={sheet} />}
      <Questions fields={form.fields} sheet={sheet} />
      <p class="remove-form">
        <LinkButton icon="trash-2" kind="danger" onPress={discard}>
          Remove this record
        </LinkButton>
      </p>
    </Frame>
  )
}

/** Why the first record came back stands above the questions: nobody should have to go and look it up. */
function WhatToMend({ instanceId }: { instanceId: string }) {
  const first = useStored(() => record(instanceId), [instanceId])
  if (first === undefined) return null
  return (
    <Notice icon="pencil" tone={first?.words ? 'waiting' : undefined}>
      {first && <strong>{first.words}.</strong>} {first?.detail} Your first record stays as it was.
    </Notice>
  )
}

function Saved({ open }: { open: OpenDraft }) {
  if (open.failure)
    return (
      <p class="says tone-bad" role="alert">
        <Icon name="triangle-alert" />
        Not saved. {open.failure}
      </p>
    )
  if (!open.savedAt) return null
  return (
    <p class="says tone-good">
      <Icon name="circle-check" />
      Saved on this phone {clock(open.savedAt)}
    </p>
  )
}

/** A form that can end in a notice says so when it does not, once the officer has chosen. */
function otherwise({ form, draft }: OpenDraft): string | undefined {
  return draft.answers['outcome'] ? form.issue?.otherwise : undefined
}

/** Undefined while it opens, null when there is no such record any more. */
function useOpenDraft(instanceId: string): OpenDraft | null | undefined {
  const [open, setOpen] = useState<OpenDraft | null>()
  const [, redraw] = useReducer((times: number) => times + 1, 0)
  useEffect(() => {
    let mine: OpenDraft | null = null
    let gone = false
    setFormOpen(true)
    OpenDraft.open(instanceId, () => redraw(undefined)).then((opened) => {
      mine = opened
      if (gone) void opened?.leave()
      else setOpen(opened)
    }, reportTrouble)
    const save = () => void mine?.save()
    const next = (event: KeyboardEvent) => {
      if (event.key === 'Enter' && event.target instanceof HTMLInputElement && toNextBox(event.target))
        event.preventDefault()
    }
    const left = (event: FocusEvent) => {
      save()
      const path = (event.target as Element).closest<HTMLElement>('[data-path]')?.dataset['path']
      if (path) mine?.left(path)
    }
    document.addEventListener('visibilitychange', save)
    document.addEventListener('focusout', left)
    document.addEventListener('keydown', next)
    addEventListener('pagehide', save)
    return () => {
      gone = true
      document.removeEventListener('visibilitychange', save)
      document.removeEventListener('focusout', left)
      document.removeEventListener('keydown', next)
      removeEventListener('pagehide', save)
      mine?.leave().catch(reportTrouble)
      setFormOpen(false)
    }
  }, [instanceId])
  return open
}

/** Most forms say nothing of the place, because every record has one; the row stands at the top then. */
function asksForPlace(fields: Field[]): boolean {
  return fields.some((field) => field.type === 'geopoint' || asksForPlace(field.fields ?? []))
}

/** The keyboard's own Next goes to the next box to type in: no tap is spent on it. */
function toNextBox(box: HTMLInputElement): boolean {
  if (!box.classList.contains('box') || box.type === 'search') return false
  const boxes = [...document.querySelectorAll<HTMLElement>('.page .box')].filter((each) => each.offsetParent !== null)
  const next = boxes[boxes.indexOf(box) + 1]
  next?.focus()
  return next !== undefined
}

/** To the box that answers, or the first control of its group, opening the fold it may be in. */
function focusOn(path: Path): void {
  const question = document.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`)
  const fold = question?.closest('details')
  if (fold) fold.open = true
  const control =
    document.getElementById(idOf(path)) ?? question?.querySelector<HTMLElement>('input:not([hidden]), button, textarea')
  control?.focus({ preventScroll: true })
  question?.scrollIntoView({ block: 'start' })
}
