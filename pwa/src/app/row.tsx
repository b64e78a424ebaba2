/** One record in a list: its state in a word and a picture, what, where and when. */
import { photosOf } from '../store/index.ts'
import type { Draft, RecordState, RecordView } from '../types.ts'
import { Icon } from '../ui/icons.tsx'
import { Picture } from '../ui/picture.tsx'
import { dayAndTime } from '../ui/time.ts'
import { count, stateIcons } from '../ui/words.ts'
import { titleOfDraft } from './rules.ts'
import { useStored } from './stored.ts'

export function RecordRow({ row }: { row: RecordView }) {
  return (
    <a class="row" href={`#/record/${row.instanceId}`}>
      <Thumbnail instanceId={row.instanceId} icon={stateIcons[row.state]} />
      <span class="about">
        <span class="title">{row.title}</span>
        <span class="facts">{[placeBeside(row), dayAndTime(row.capturedAt)].filter(Boolean).join(', ')}</span>
        {isOnItsWay(row) && row.photosTotal > 0 && (
          <span class="facts">
            {row.photosSent} of {count(row.photosTotal, 'photo')} sent
          </span>
        )}
        <State state={row.state} words={stateWords(row)} />
        {row.detail && !isOnItsWay(row) && <span class="facts">{row.detail}</span>}
      </span>
      <Icon name="chevron-right" />
    </a>
  )
}

export function DraftRow({ draft }: { draft: Draft }) {
  const title = useStored(() => titleOfDraft(draft), [draft.changedAt])
  return (
    <a class="row" href={`#/form/${draft.instanceId}`}>
      <Thumbnail instanceId={draft.instanceId} icon="pencil" />
      <span class="about">
        <span class="title">{title ?? ''}</span>
        <span class="facts">{dayAndTime(draft.changedAt)}</span>
        <State state="unfinished" words="Not finished" />
      </span>
      <Icon name="chevron-right" />
    </a>
  )
}

export function State({ state, words }: { state: RecordState; words: string }) {
  return (
    <span class={`state ${state}`}>
      <Icon name={stateIcons[state]} />
      {words}
    </span>
  )
}

function Thumbnail({ instanceId, icon }: { instanceId: string; icon: string }) {
  const photo = useStored(async () => (await photosOf(instanceId))[0] ?? null, [instanceId])
  return <span class="thumbnail">{photo?.thumbnail.byteLength ? <Picture bytes={photo.thumbnail} alt="" /> : <Icon name={icon} />}</span>
}

/** What waits says why in the same breath: "Waiting to send, no signal". */
export function stateWords(row: RecordView): string {
  return row.state === 'waiting' && row.detail ? `${row.words}, ${row.detail}` : row.words
}

/** The place, unless the title says it already. */
function placeBeside(row: RecordView): string | null {
  return row.place && !row.title.includes(row.place) ? row.place : null
}

function isOnItsWay(row: RecordView): boolean {
  return row.state === 'waiting' || row.state === 'sending' || row.state === 'held'
}
