/** The drawing page: pens, stickers and pages on the edges, the drawing in the middle, everything by one finger. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { goInstead } from '../app/route.ts'
import { reportTrouble } from '../app/trouble.tsx'
import { setFormOpen } from '../session.ts'
import { discardDraft, draft as draftOf } from '../store/index.ts'
import type { Draft } from '../types.ts'
import { saveSketch, sketchOf } from './designs.ts'
import {
  begun,
  cleared,
  held,
  heldSticker,
  nudged,
  placed,
  redone,
  stickerAt,
  undone,
  withBackground,
  withoutHeld,
  withPart,
  type Easel,
  type Nudge,
} from './easel.ts'
import { Background, inkOf, OnePart, Parts, Picture, StickerPicture } from './picture.tsx'
import {
  backgrounds,
  colours,
  HEIGHT,
  isFull,
  SIZES,
  standing,
  stickers,
  tidied,
  way,
  WIDTH,
  widths,
  within,
  type Sticker,
} from './sketch.ts'
import { Tile } from './tile.tsx'
import { say } from './words.ts'

type Tool = 'pen' | 'stickers' | 'page'

const PAUSE = 300 // ms after the last change, as for every record
const ON_ONE_TRAY = 7 // stickers beside "More": eight tiles of 128 fill a tablet's 1024

export function Draw({ instanceId, home }: { instanceId: string; home: string }) {
  const [draft, setDraft] = useState<Draft | null>()
  useEffect(() => {
    setFormOpen(true)
    draftOf(instanceId).then(setDraft, reportTrouble)
    return () => setFormOpen(false)
  }, [instanceId])
  useEffect(() => {
    if (draft === null) goInstead(home) // it was sent or binned in another tab
  }, [draft])
  return draft ? <Board draft={draft} home={home} /> : null
}

function Board({ draft, home }: { draft: Draft; home: string }) {
  const [easel, setEasel] = useState(() => begun(sketchOf(draft)))
  const [tool, setTool] = useState<Tool>('pen')
  const [pen, setPen] = useState('blue')
  const [width, setWidth] = useState('medium')
  const save = useSaved(draft, easel)
  const sticker = heldSticker(easel)
  const done = async () => {
    if (easel.sketch.parts.length === 0) await discardDraft(draft.instanceId)
    else await save()
    goInstead(home)
  }
  const take = (wanted: Tool) => {
    setTool(wanted)
    setEasel(held(easel, null))
  }
  return (
    <main class="board">
      <h1 class="hidden-words">{say.studio}</h1>
      <div class="side" role="group" aria-label={say.studio}>
        <Tile words={say.pen} icon="pencil" chosen={tool === 'pen'} onPress={() => take('pen')} />
        <Tile words={say.stickers} icon="sticker" chosen={tool === 'stickers'} onPress={() => take('stickers')} />
        <Tile words={say.page} icon="image" chosen={tool === 'page'} onPress={() => take('page')} />
        <Tile words={say.undo} icon="undo-2" disabled={easel.undo.length === 0} onPress={() => setEasel(undone)} />
        <Tile words={say.redo} icon="undo-2" class="mirrored" disabled={easel.redo.length === 0} onPress={() => setEasel(redone)} />
      </div>
      <div class="page-frame">
        <Canvas easel={easel} tool={tool} pen={pen} width={width} onChange={setEasel} />
        <p class="page-note" role="status">
          {isFull(easel.sketch) ? say.full : say.noNames}
        </p>
      </div>
      <div class="side">
        {tool === 'pen' ? (
          Object.entries(widths).map(([name, { label, px }]) => (
            <Tile key={name} words={label} chosen={width === name} onPress={() => setWidth(name)}>
              <svg class="line-sample" viewBox="0 0 80 40" aria-hidden="true" focusable="false">
                <path d="M16 20h48" stroke="currentColor" stroke-linecap="round" stroke-width={px * 0.8} />
              </svg>
            </Tile>
          ))
        ) : (
          <div class="side-space" />
        )}
        <Tile words={say.clear} icon="trash-2" disabled={easel.sketch.parts.length === 0} onPress={() => setEasel(cleared)} />
        <Tile words={say.done} icon="check" kind="go" onPress={done} />
      </div>
      <div class="tray" role="group" aria-label={tool === 'pen' ? say.pen : tool === 'page' ? say.page : say.stickers}>
        {tool === 'pen' && <Pens pen={pen} onPick={setPen} />}
        {tool === 'page' && <Pages chosen={easel.sketch.background} onPick={(name) => setEasel(withBackground(easel, name))} />}
        {tool === 'stickers' && sticker && <Handles easel={easel} onChange={setEasel} />}
        {tool === 'stickers' && !sticker && <Stickers onPick={(name) => setEasel(withPart(easel, inTheMiddle(name)))} />}
      </div>
    </main>
  )
}

function Pens({ pen, onPick }: { pen: string; onPick: (name: string) => void }) {
  return (
    <>
      {Object.entries(colours).map(([name, { label, hex }]) => (
        <Tile key={name} words={label} chosen={pen === name} onPress={() => onPick(name)}>
          <svg class="blob" viewBox="0 0 60 60" aria-hidden="true" focusable="false">
            <path d="M30 4c16 0 26 9 26 24S46 56 29 56 4 44 4 29 14 4 30 4z" fill={hex} stroke="#0b0c0c" stroke-width="2" />
          </svg>
        </Tile>
      ))}
    </>
  )
}

function Pages({ chosen, onPick }: { chosen: string; onPick: (name: string) => void }) {
  return (
    <>
      {Object.entries(backgrounds).map(([name, { label }]) => (
        <Tile key={name} words={label} chosen={chosen === name} onPress={() => onPick(name)}>
          <Picture sketch={{ background: name, parts: [] }} />
        </Tile>
      ))}
    </>
  )
}

function Stickers({ onPick }: { onPick: (name: string) => void }) {
  const [later, setLater] = useState(false)
  const names = Object.keys(stickers)
  return (
    <>
      {(later ? names.slice(ON_ONE_TRAY) : names.slice(0, ON_ONE_TRAY)).map((name) => (
        <Tile key={name} words={stickers[name]!.label} onPress={() => onPick(name)}>
          <StickerPicture name={name} />
        </Tile>
      ))}
      <Tile words={say.more} icon="ellipsis" onPress={() => setLater(!later)} />
    </>
  )
}

const handles: [Nudge, string, string, string][] = [
  ['left', say.left, 'arrow-left', ''],
  ['right', say.right, 'arrow-right', ''],
  ['up', say.up, 'arrow-left', 'upright'],
  ['down', say.down, 'arrow-right', 'upright'],
  ['bigger', say.bigger, 'plus', ''],
  ['smaller', say.smaller, 'minus', ''],
  ['turn', say.turn, 'rotate-ccw', 'mirrored'],
]

/** What can be done with the sticker in hand, all by taps. */
function Handles({ easel, onChange }: { easel: Easel; onChange: (next: Easel) => void }) {
  return (
    <>
      {handles.map(([how, label, icon, extra]) => (
        <Tile key={how} words={label} icon={icon} class={extra} onPress={() => onChange(nudged(easel, how))} />
      ))}
      <Tile words={say.remove} icon="trash-2" onPress={() => onChange(withoutHeld(easel))} />
    </>
  )
}

interface CanvasProps {
  easel: Easel
  tool: Tool
  pen: string
  width: string
  onChange: (next: Easel) => void
}

/** The finger's line is drawn as it goes, without the rest being drawn again; it joins the drawing when the finger lifts. */
function Canvas({ easel, tool, pen, width, onChange }: CanvasProps) {
  const page = useRef<SVGSVGElement>(null)
  const line = useRef<SVGPathElement>(null)
  const points = useRef<[number, number][] | null>(null)
  const grip = useRef<{ dx: number; dy: number } | null>(null)
  const [dragged, setDragged] = useState<Sticker | null>(null)
  const sticker = dragged ?? heldSticker(easel)
  const at = (event: PointerEvent): [number, number] => {
    const box = page.current!.getBoundingClientRect()
    return [((event.clientX - box.left) / box.width) * WIDTH, ((event.clientY - box.top) / box.height) * HEIGHT]
  }
  const down = (event: PointerEvent) => {
    if (!event.isPrimary) return // a palm on the glass draws nothing
    page.current!.setPointerCapture(event.pointerId)
    const [x, y] = at(event)
    if (tool === 'pen') {
      points.current = isFull(easel.sketch) ? null : [[x, y]]
      draw()
    } else if (tool === 'stickers') {
      const found = stickerAt(easel.sketch, x, y)
      const next = held(easel, found)
      const taken = heldSticker(next)
      grip.current = taken && { dx: taken.x - x, dy: taken.y - y }
      onChange(next)
    }
  }
  const move = (event: PointerEvent) => {
    const [x, y] = at(event)
    const last = points.current?.at(-1)
    if (last && Math.hypot(x - last[0], y - last[1]) >= 3) {
      points.current!.push([x, y])
      draw()
    }
    const taken = heldSticker(easel)
    if (grip.current && taken) {
      const { dx, dy } = grip.current
      setDragged({ ...taken, x: within(x + dx, WIDTH), y: within(y + dy, HEIGHT) })
    }
  }
  const up = () => {
    if (points.current) onChange(withPart(easel, { pen, width, points: tidied(points.current) }))
    if (dragged) onChange(placed(easel, dragged))
    points.current = grip.current = null
    setDragged(null)
    draw()
  }
  const draw = () => line.current?.setAttribute('d', way((points.current ?? []).flat().map(Math.round)))
  const others = easel.sketch.parts.slice(0, easel.held ?? undefined)
  const above = easel.held === null ? [] : easel.sketch.parts.slice(easel.held + 1)
  return (
    <svg
      ref={page}
      class="canvas"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={say.gallery}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={up}
    >
      <Background name={easel.sketch.background} />
      <Parts parts={others} />
      {sticker && <OnePart part={sticker} />}
      <Parts parts={above} />
      {sticker && <InHand sticker={sticker} />}
      <path ref={line} {...inkOf(pen, width)} />
    </svg>
  )
}

function InHand({ sticker }: { sticker: Sticker }) {
  const scale = SIZES[sticker.size]! / 100
  return <rect class="in-hand" transform={standing(sticker)} x="-54" y="-54" width="108" height="108" rx="8" stroke-width={5 / scale} />
}

function inTheMiddle(name: string): Sticker {
  return { sticker: name, x: WIDTH / 2, y: HEIGHT / 2, size: 2, turn: 0 }
}

/** Keeps the drawing on the tablet while it is made; the returned function waits until it is. */
function useSaved(draft: Draft, easel: Easel): () => Promise<void> {
  const wanted = useRef(easel.sketch)
  const kept = useRef(easel.sketch)
  wanted.current = easel.sketch
  const save = async () => {
    if (kept.current === wanted.current) return
    kept.current = wanted.current
    await saveSketch(draft, wanted.current).catch(reportTrouble)
  }
  useEffect(() => {
    const timer = setTimeout(save, PAUSE)
    return () => clearTimeout(timer)
  }, [easel.sketch])
  useEffect(() => {
    const hidden = () => void save()
    document.addEventListener('visibilitychange', hidden)
    addEventListener('pagehide', hidden)
    return () => {
      document.removeEventListener('visibilitychange', hidden)
      removeEventListener('pagehide', hidden)
    }
  }, [])
  return save
}
