/** A notice that has been given: its number and how to pay for the person, its words to read or print. */
import { encode } from 'uqr'
import { evaluate, words as wordsIn } from '../forms/expressions.ts'
import { bold, paragraphsOf } from '../forms/notice.ts'
import { form as formOf, record } from '../store/index.ts'
import type { RecordDetail } from '../types.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { words } from '../ui/words.ts'
import { Frame } from './frame.tsx'
import { Missing } from './missing.tsx'
import { OpenDraft } from './open-draft.ts'
import { go } from './route.ts'
import { listsOf } from './rules.ts'
import { useStatus, useStored } from './stored.ts'

const ASK_TO_CANCEL = 'notice_cancel' // the form by which an officer asks for it

export function NoticeScreen({ instanceId }: { instanceId: string }) {
  const kept = useStored(() => record(instanceId), [instanceId])
  const lists = useStored(async () => (kept?.form ? listsOf(kept.form) : {}), [kept?.form?.formId])
  const cancelling = useStored(() => formOf(ASK_TO_CANCEL))
  const status = useStatus()
  if (kept === undefined || lists === undefined) return null
  const issue = kept?.form?.issue
  if (!kept || !kept.form || !issue) return <Missing />
  const number = String(kept.answers[issue.number] ?? '')
  const askToCancel = async () => {
    if (cancelling) go(`/form/${await OpenDraft.begin(cancelling, { cancels: number })}`)
  }
  return (
    <Frame
      title={issue.title}
      back={{ to: '/', name: words.home }}
      bottom={
        <>
          <Button kind="large" icon="file-text" onPress={() => print()}>
            Print
          </Button>
          <a class="button primary" href="#/">
            <Icon name="check" />
            Done
          </a>
        </>
      }
    >
      <div class="hand-over">
        <p class="notice-no">
          <span>Number</span>
          <strong>{number}</strong>
        </p>
        <Square text={issue.qr ? said(issue.qr, kept) : number} />
        <p>Show this. Explain how to pay, and how to say it is wrong. Never take money.</p>
        <p class="quiet" role="status">
          {kept.state === 'waiting' || kept.state === 'sending' ? `Saved on this phone. ${status.words}.` : `${kept.words}.`}
        </p>
      </div>
      <article class="paper">
        {paragraphsOf(issue, kept.form, kept.answers, lists).map((paragraph) => (
          <p key={paragraph}>
            {bold(paragraph).map(({ text, strong }) => (strong ? <strong>{text}</strong> : text))}
          </p>
        ))}
      </article>
      {cancelling && (
        <p class="ask-to-cancel">
          <Button icon="undo-2" onPress={askToCancel}>
            Something is wrong: ask to cancel
          </Button>
        </p>
      )}
    </Frame>
  )
}

function said(expression: string, kept: RecordDetail): string {
  return wordsIn(evaluate(expression, { now: new Date(kept.capturedAt), answers: kept.answers }))
}

/** What the person's own phone can read. */
function Square({ text }: { text: string }) {
  const { data, size } = encode(text, { border: 2 })
  const dark = data.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x} ${y}h1v1h-1z`] : [])))
  return (
    <svg class="square" viewBox={`0 0 ${size} ${size}`} role="img" aria-label="A square to scan: how to pay this notice">
      <path d={dark.join('')} />
    </svg>
  )
}
