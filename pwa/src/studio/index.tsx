/** The design studio, in the classroom: draw ticket pictures, look at them, vote, and hand them to a grown-up. */
import { useEffect, useState } from 'preact/hooks'
import { go } from '../app/route.ts'
import { useStatus, useStored } from '../app/stored.ts'
import { reportTrouble } from '../app/trouble.tsx'
import { discardDraft, restoreDraft } from '../store/index.ts'
import type { Device, Draft } from '../types.ts'
import { Icon } from '../ui/icons.tsx'
import { usePress } from '../ui/press.ts'
import { ChooseClass, classNamed, type SchoolClass } from './class.tsx'
import { approve, approvedDesigns, beginDesign, ownDesigns, sendAll, sketchOf, vote, votesOf } from './designs.ts'
import { Draw } from './draw.tsx'
import { Picture } from './picture.tsx'
import { Room } from './room.tsx'
import { Tile } from './tile.tsx'
import { say } from './words.ts'
import './studio.css'

const THANKS_FOR = 2500 // ms: long enough to see, short enough for thirty children

export default function Studio({ route: [, name, step, id], owner }: { route: string[]; owner: Device }) {
  const room = useStored(async () => (name ? classNamed(name) : null), [name])
  if (!name) return <ChooseClass owner={owner} title={say.studio} onChosen={(chosen) => go(`/studio/${chosen}`)} />
  if (!room) return null
  const home = `/studio/${room.name}`
  if (step === 'draw' && id) return <Draw key={id} instanceId={id} home={home} />
  if (step === 'vote') return <Vote room={room} home={home} />
  return <Gallery key={step} room={room} home={home} sentNow={step === 'sent'} isAdult={owner.role === 'school'} />
}

interface GalleryProps {
  room: SchoolClass
  home: string
  sentNow: boolean
  /** On a school's own device somebody who may approve holds it; a pupils' tablet asks for the PIN of a patrol. */
  isAdult: boolean
}

function Gallery({ room, home, sentNow, isAdult }: GalleryProps) {
  const mine = useStored(() => ownDesigns(room.name), [room.name])
  const ready = useStored(() => approvedDesigns(room.school), [room.school])
  const [binned, setBinned] = useState<Draft | null>(null)
  const status = useStatus()
  const draw = usePress(async () => {
    const begun = await beginDesign(room).catch(reportTrouble)
    if (begun) go(`${home}/draw/${begun}`)
  })
  const send = usePress(async () => {
    await sendAll(mine ?? [], false).catch(reportTrouble)
    go(`${home}/sent`)
  })
  if (!mine || !ready) return null
  const bin = async (draft: Draft) => {
    await discardDraft(draft.instanceId).catch(reportTrouble)
    setBinned(draft)
  }
  const undo = async () => {
    if (binned) await restoreDraft(binned.instanceId).catch(reportTrouble)
    setBinned(null)
  }
  return (
    <Room
      title={`${room.label}: ${say.gallery.toLowerCase()}`}
      back="/studio"
      help={say.noNames}
      actions={
        <>
          {mine.length > 1 && <Tile words={say.vote} icon="vote" onPress={() => go(`${home}/vote`)} />}
          <Tile words={say.print} icon="printer" onPress={() => go(`/paper/${room.school}`)} />
        </>
      }
    >
      {sentNow && mine.length === 0 && (
        <p class="told-pupils" role="status">
          <Icon name="circle-check" />
          {status.online === false ? say.sentWaits : say.sent}
        </p>
      )}
      {binned && (
        <p class="told-pupils" role="status">
          <Icon name="trash-2" />
          {say.binned}
          <Tile words={say.undo} icon="undo-2" onPress={undo} />
        </p>
      )}
      {mine.length === 0 && !sentNow && <p class="invites">{say.empty}</p>}
      <ul class="pictures">
        <li>
          <Tile words={say.draw} icon="plus" kind="go" class="as-picture" onPress={draw} />
        </li>
        {mine.map((draft, at) => (
          <li key={draft.instanceId} class="framed">
            <Picture sketch={sketchOf(draft)} label={say.picture(at + 1)} />
            <div class="framed-tiles">
              <Tile
                words={say.change}
                icon="pencil"
                label={`${say.change}: ${say.picture(at + 1)}`}
                onPress={() => go(`${home}/draw/${draft.instanceId}`)}
              />
              <Tile words={say.throwAway} icon="trash-2" label={`${say.throwAway}: ${say.picture(at + 1)}`} onPress={() => bin(draft)} />
              {isAdult && (
                <Tile
                  words={say.use}
                  icon="check"
                  label={`${say.use}: ${say.picture(at + 1)}`}
                  onPress={() => approve(draft).catch(reportTrouble)}
                />
              )}
            </div>
          </li>
        ))}
      </ul>
      {mine.length > 0 && (
        <div class="send-off">
          <p>{say.sendAllHelp}</p>
          <Tile words={say.sendAll} icon="send" onPress={send} />
        </div>
      )}
      {ready.length > 0 && (
        <>
          <h2>{say.ready}</h2>
          <ul class="pictures">
            {ready.map((one) => (
              <li key={one.name} class="framed">
                <Picture sketch={one.drawing} />
                <p>{say.madeBy(one.label)}</p>
              </li>
            ))}
          </ul>
        </>
      )}
    </Room>
  )
}

/** One tap each, on one tablet that goes round. The counts stay covered until everybody has voted. */
function Vote({ room, home }: { room: SchoolClass; home: string }) {
  const mine = useStored(() => ownDesigns(room.name), [room.name])
  const [last, setLast] = useState<Draft | null>(null)
  const [counted, setCounted] = useState(false)
  useEffect(() => {
    const timer = last && setTimeout(() => setLast(null), THANKS_FOR)
    return () => void (timer && clearTimeout(timer))
  }, [last])
  if (!mine) return null
  if (counted) return <Result mine={mine} home={home} />
  if (last)
    return (
      <Room title={say.thanks} help={say.passOn}>
        <p class="big-tick" aria-hidden="true">
          <Icon name="check" />
        </p>
        <ul class="tiles-128 two">
          <li>
            <Tile
              words={say.undoVote}
              icon="undo-2"
              onPress={async () => {
                await vote(last.instanceId, -1).catch(reportTrouble)
                setLast(null)
              }}
            />
          </li>
          <li>
            <Tile words={say.another} icon="arrow-right" kind="go" onPress={() => setLast(null)} />
          </li>
        </ul>
      </Room>
    )
  const choose = async (draft: Draft) => {
    setLast(draft)
    await vote(draft.instanceId, 1).catch(reportTrouble)
  }
  return (
    <Room
      title={say.vote}
      back={home}
      help={say.voteHow}
      actions={<Tile words={say.everybody} icon="check" kind="go" onPress={() => setCounted(true)} />}
    >
      <ul class="pictures">
        {mine.map((draft, at) => (
          <li key={draft.instanceId}>
            <button type="button" class="framed vote-for" onClick={() => choose(draft)}>
              <Picture sketch={sketchOf(draft)} label={say.picture(at + 1)} />
            </button>
          </li>
        ))}
      </ul>
    </Room>
  )
}

function Result({ mine, home }: { mine: Draft[]; home: string }) {
  const most = Math.max(...mine.map(votesOf))
  const ordered = [...mine].sort((one, other) => votesOf(other) - votesOf(one))
  const send = usePress(async () => {
    await sendAll(mine, true).catch(reportTrouble)
    go(`${home}/sent`)
  })
  return (
    <Room
      title={say.result}
      back={home}
      actions={<Tile words={say.sendAll} icon="send" kind="go" onPress={send} />}
    >
      <ul class="pictures">
        {ordered.map((draft) => (
          <li key={draft.instanceId} class={`framed ${votesOf(draft) === most && most > 0 ? 'winner' : ''}`}>
            <Picture sketch={sketchOf(draft)} label={say.picture(mine.indexOf(draft) + 1)} />
            <p>
              {votesOf(draft) === most && most > 0 && (
                <strong>
                  <Icon name="badge-check" />
                  {say.winner}:{' '}
                </strong>
              )}
              {say.votes(votesOf(draft))}
            </p>
          </li>
        ))}
      </ul>
    </Room>
  )
}
