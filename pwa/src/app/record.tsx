/** One finished record: how it stands, what it says, its photos, its receipt and its history. */
import { useState } from 'preact/hooks'
import { answerAt } from '../fields/sheet.ts'
import { factsOf, type Fact } from '../forms/answers.ts'
import { toGridRef } from '../place.ts'
import { drafts, form as formOf, isReport, photosOf, pullBack, record, startDraft, tryAgain } from '../store/index.ts'
import type { Form, Location, Photo, Receipt, RecordDetail } from '../types.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { Notice } from '../ui/notice.tsx'
import { Picture } from '../ui/picture.tsx'
import { dayAndTime } from '../ui/time.ts'
import { accuracy, count, reference, words } from '../ui/words.ts'
import { ExportUnsent } from './export.tsx'
import { Frame } from './frame.tsx'
import { Missing } from './missing.tsx'
import { OpenDraft } from './open-draft.ts'
import { later } from './later.tsx'
import { go } from './route.ts'
import { State, stateWords } from './row.tsx'
import { listsOf } from './rules.ts'
import { useStored } from './stored.ts'

const Readings = later(() => import('./readings.tsx').then((part) => part.Readings))

type Spot = Pick<Location, 'latitude' | 'longitude'> & Partial<Location>
const TASKING_ITEM = 'tasking_item' // the form by which anything is put to the tasking group

type Lists = Awaited<ReturnType<typeof listsOf>>

export function RecordScreen({ instanceId }: { instanceId: string }) {
  const kept = useStored(() => record(instanceId), [instanceId])
  const all = useStored(() => photosOf(instanceId), [instanceId])
  const photos = all?.filter(({ thumbnail }) => thumbnail.byteLength > 0) // of what was sealed nothing small is left either
  const lists = useStored(async () => (kept?.form ? listsOf(kept.form) : {}), [kept?.form?.formId])
  if (kept === undefined || lists === undefined) return null
  if (kept === null) return <Missing />
  return (
    <Frame
      title={kept.title}
      bar={kept.form?.title ?? 'Record'}
      back={{ to: '/outbox', name: words.outbox }}
      bottom={bottomFor(kept)}
    >
      <div class="record-head">
        <State state={kept.state} words={stateWords(kept)} />
        <p class="quiet">
          {dayAndTime(kept.capturedAt)}
          <br />
          Reference <strong>{reference(instanceId)}</strong>
        </p>
      </div>
      <Outcome kept={kept} />
      {kept.isSealed && <Sealed />}
      {photos && photos.length > 0 && <Photos photos={photos} />}
      {kept.form && (!kept.isSealed || kept.state === 'returned') && <Answers form={kept.form} kept={kept} lists={lists} />}
      {kept.receipt && <ReceiptBox receipt={kept.receipt} />}
      <Raise kept={kept} />
      {kept.state === 'stuck' && <ExportUnsent instanceId={instanceId} />}
      <h2>History</h2>
      <ol class="history">
        {kept.history.map((line) => (
          <li key={line.at + line.words}>
            <time dateTime={line.at}>{dayAndTime(line.at)}</time>
            {line.words}
          </li>
        ))}
      </ol>
      {kept.receipt && <Readings instanceId={instanceId} />}
    </Frame>
  )
}

function bottomFor(kept: RecordDetail) {
  if (isNotice(kept)) {
    return (
      <a class="button primary" href={`#/notice/${kept.instanceId}`}>
        <Icon name="file-text" />
        Show the notice
      </a>
    )
  }
  if (kept.form?.final) return undefined // what was signed is not changed, only added to
  if (kept.state === 'returned') return <Mend kept={kept} icon="pencil" />
  if (kept.state === 'stuck') {
    return (
      <>
        <Button kind="large" onPress={() => tryAgain(kept.instanceId)}>
          Try again
        </Button>
        <Mend kept={kept} />
      </>
    )
  }
  if (kept.state === 'waiting' && !kept.isSealed) return <PullBack instanceId={kept.instanceId} />
  return undefined
}

/** Once this phone was locked, what is finished is for the office alone. */
function Sealed() {
  return (
    <Notice icon="lock" title="Sealed">
      Only the office can read this now. It was sealed when this phone was locked.
    </Notice>
  )
}

/** A notice that has been given never changes: it is not mended, only cancelled and given anew. */
function isNotice({ form, answers }: RecordDetail): boolean {
  return form?.issue !== undefined && Boolean(answers[form.issue.number])
}

/** A correction is a new record that says which one it replaces; the first stays as it was sent. */
function Mend({ kept, icon }: { kept: RecordDetail; icon?: string }) {
  const mend = async () => {
    const begun = (await drafts()).find((draft) => draft.replaces === kept.instanceId)
    if (begun) return go(`/form/${begun.instanceId}`)
    const form = (await formOf(kept.formId)) ?? kept.form
    if (!form) return
    const draft = await startDraft(form, { answers: kept.answers, replaces: kept.instanceId })
    go(`/form/${draft.instanceId}`)
  }
  return (
    <Button kind="primary" icon={icon} onPress={mend}>
      Mend and send again
    </Button>
  )
}

/** One press puts what was seen before the tasking group: the problem is half written, from the record. */
function Raise({ kept }: { kept: RecordDetail }) {
  const form = useStored(() => formOf(TASKING_ITEM))
  if (!form || kept.formId === TASKING_ITEM || isReport(kept.formId)) return null
  const raise = async () => {
    const problem = `${kept.title}. Recorded ${dayAndTime(kept.capturedAt)}, reference ${reference(kept.instanceId)}.`
    const answers = {
      kind: 'place',
      title: kept.title.slice(0, 120),
      problem,
      ...(kept.place ? { place_text: kept.place } : {}),
    }
    go(`/form/${await OpenDraft.begin(form, answers, { aboutId: kept.instanceId })}`)
  }
  return (
    <Button icon="users" class="wide raise" onPress={raise}>
      Raise at tasking group
    </Button>
  )
}

function PullBack({ instanceId }: { instanceId: string }) {
  const [said, setSaid] = useState('')
  const pull = async () => {
    const draft = await pullBack(instanceId)
    if (draft) go(`/form/${draft.instanceId}`)
    else setSaid('Too late: it is on its way. You can mend it once it has arrived.')
  }
  return (
    <>
      <p class="answer-line" role="status">
        {said}
      </p>
      <Button kind="large" class="wide" icon="undo-2" onPress={pull}>
        Pull back
      </Button>
    </>
  )
}

function Outcome({ kept }: { kept: RecordDetail }) {
  if (!kept.detail || kept.state === 'waiting') return null
  if (kept.state === 'approved') return <Notice icon="badge-check">{kept.detail}</Notice>
  if (kept.state === 'stuck')
    return (
      <Notice tone="attention" icon="circle-alert">
        {kept.detail}
      </Notice>
    )
  return (
    <Notice tone="waiting" icon={kept.state === 'returned' ? 'undo-2' : 'clock'}>
      {kept.detail}
    </Notice>
  )
}

function Photos({ photos }: { photos: Photo[] }) {
  return (
    <>
      <h2>Photos</h2>
      <ul class="kept-photos">
        {photos.map((photo, index) => (
          <li key={photo.id}>
            <figure>
              <a
                class={`photo ${photo.mediaType === 'image/png' ? 'ink' : ''}`}
                href={`#/photo/${photo.instanceId}/${photo.id}`}
              >
                <Picture bytes={photo.thumbnail} alt={`Photo ${index + 1}, larger`} />
              </a>
              <figcaption>
                <Icon name={photo.state === 'sent' ? 'check' : 'clock'} />
                {photo.state === 'sent' ? 'Sent' : 'On this phone'}
              </figcaption>
              <Said photo={photo} />
            </figure>
          </li>
        ))}
      </ul>
    </>
  )
}

function Said({ photo: { about, covers, covered = 0 } }: { photo: Photo }) {
  const hidden = covered + (covers?.length ?? 0)
  return (
    <>
      {(about?.caption || about?.typed) && <p class="photo-said">{about.caption ?? about.typed}</p>}
      {hidden > 0 && <p class="photo-said">{count(hidden, 'place')} covered</p>}
    </>
  )
}

function Answers({ form, kept, lists }: { form: Form; kept: RecordDetail; lists: Lists }) {
  return (
    <>
      <h2>Answers</h2>
      <dl class="facts-list">
        {kept.location && (
          <div>
            <dt>Place</dt>
            <dd>{placeSays(kept.location)}</dd>
          </div>
        )}
        {factsOf(form, kept.answers, lists)
          .filter((fact) => fact.kind !== 'photo')
          .map((fact) => (
            <div key={fact.field}>
              <dt>{fact.label}</dt>
              <dd>{says(fact, kept)}</dd>
            </div>
          ))}
      </dl>
    </>
  )
}

/** A place is said as the crews' maps say it. */
function says(fact: Fact, { answers }: RecordDetail): string {
  if (fact.kind !== 'place') return fact.words
  return placeSays(answerAt(answers, fact.field) as Spot)
}

function placeSays({ latitude, longitude, accuracy: metres }: Spot): string {
  const place = toGridRef(latitude, longitude) ?? `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`
  return metres === undefined ? place : `${place}, ${accuracy(metres)}`
}

function ReceiptBox({ receipt }: { receipt: Receipt }) {
  return (
    <>
      <h2>Receipt</h2>
      <dl class="facts-list">
        <div>
          <dt>Received</dt>
          <dd>{dayAndTime(receipt.receivedAt)}</dd>
        </div>
        <div>
          <dt>Number</dt>
          <dd>{receipt.seq}</dd>
        </div>
        <div>
          <dt>Fingerprint</dt>
          <dd class="receipt">{receipt.digest}</dd>
        </div>
      </dl>
    </>
  )
}
