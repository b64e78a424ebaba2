/** Black boxes over faces and number plates: a tap places one, buttons and arrow keys move and size it. */
import { useEffect, useState } from 'preact/hooks'
import { added, changed, type Change } from '../covers.ts'
import type { Cover, Photo } from '../types.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { Over } from '../ui/over.tsx'
import { Picture } from '../ui/picture.tsx'
import { count } from '../ui/words.ts'
import type { Sheet } from './sheet.ts'
import '../style/cover-sheet.css'

const KEYS: Record<string, Change> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' }

export function CoverSheet({ photo, sheet, onDone }: { photo: Photo; sheet: Sheet; onDone: () => void }) {
  const [steps, setSteps] = useState<Cover[][]>([photo.covers ?? []])
  const [at, setAt] = useState((photo.covers?.length ?? 0) - 1)
  const [busy, setBusy] = useState(false)
  const [bytes, setBytes] = useState<ArrayBuffer | null>(null)
  useEffect(() => {
    void sheet.uncoveredBytes(photo).then(setBytes)
  }, [photo.id])
  const covers = steps.at(-1)!
  const chosen = Math.min(at, covers.length - 1)
  const take = (next: Cover[], now: number) => {
    setSteps([...steps, next])
    setAt(now)
  }
  const place = (x: number, y: number) => take([...covers, added(x, y, photo)], covers.length)
  const tap = (event: MouseEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
    place((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height)
  }
  const alter = (change: Change) => {
    const cover = covers[chosen]
    if (cover) take(covers.with(chosen, changed(cover, change)), chosen)
  }
  const done = async () => {
    setBusy(true)
    if (JSON.stringify(covers) !== JSON.stringify(photo.covers ?? [])) await sheet.coverPhoto(photo, covers)
    onDone()
  }
  const says = covers.length === 0 ? 'Tap what must not be seen.' : `${count(covers.length, 'place')} covered.`
  return (
    <Over
      title="Cover"
      full
      onClose={done} // leaving is no reason to show a face again; Undo is
      bottom={
        <>
          <Button icon="undo-2" onPress={() => setSteps(steps.length > 1 ? steps.slice(0, -1) : steps)}>
            Undo
          </Button>
          <Button kind="primary" icon={busy ? undefined : 'check'} onPress={done}>
            {busy ? 'Covering…' : 'Done'}
          </Button>
        </>
      }
    >
      <div class="cover-view">
        {bytes && (
          <div
            class="cover-picture"
            style={{ width: `min(100cqw, ${(100 * photo.width) / photo.height}cqh)` }}
            onClick={tap}
          >
            <Picture bytes={bytes} alt="The photo, uncovered" />
            {covers.map((cover, index) => (
              <button
                key={index}
                type="button"
                class={`cover ${index === chosen ? 'chosen' : ''}`}
                aria-label={`Cover ${index + 1} of ${covers.length}`}
                aria-pressed={index === chosen}
                style={percent(cover)}
                onClick={(event) => {
                  event.stopPropagation()
                  setAt(index)
                }}
                onKeyDown={(event) => {
                  const change = KEYS[event.key]
                  if (!change || index !== chosen) return
                  event.preventDefault()
                  alter(change)
                }}
              />
            ))}
          </div>
        )}
      </div>
      <div class="cover-pad">
        <p role="status">{says}</p>
        <div class="cover-buttons">
          <Alter change="left" icon="arrow-left" label="Move left" onAlter={alter} />
          <Alter change="up" icon="arrow-up" label="Move up" onAlter={alter} />
          <Alter change="down" icon="arrow-down" label="Move down" onAlter={alter} />
          <Alter change="right" icon="arrow-right" label="Move right" onAlter={alter} />
          <Alter change="narrower" words="Narrow" onAlter={alter} />
          <Alter change="wider" words="Wide" onAlter={alter} />
          <Alter change="shorter" words="Short" onAlter={alter} />
          <Alter change="taller" words="Tall" onAlter={alter} />
          <button type="button" class="button two" onClick={() => place(0.5, 0.5)}>
            <Icon name="plus" /> Add one
          </button>
          <button
            type="button"
            class="button danger two"
            onClick={() => chosen >= 0 && take(covers.toSpliced(chosen, 1), chosen - 1)}
          >
            <Icon name="trash-2" /> Take off
          </button>
        </div>
      </div>
    </Over>
  )
}

interface AlterProps {
  change: Change
  icon?: string
  label?: string
  words?: string
  onAlter: (change: Change) => void
}

/** Not deaf to quick presses, as other buttons are: five in a second are meant. */
function Alter({ change, icon, label, words, onAlter }: AlterProps) {
  return (
    <button type="button" class="button" aria-label={label} onClick={() => onAlter(change)}>
      {icon ? <Icon name={icon} /> : words}
    </button>
  )
}

function percent({ x, y, width, height }: Cover) {
  return { left: `${x * 100}%`, top: `${y * 100}%`, width: `${width * 100}%`, height: `${height * 100}%` }
}
