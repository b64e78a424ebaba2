/** A sheet to sign or draw on with a finger, a pen or a mouse; and where the form allows it, words for those who cannot. */
import SignaturePad from 'signature_pad'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Drawn } from '../store/index.ts'
import type { Field } from '../types.ts'
import { Button } from '../ui/button.tsx'
import { Over } from '../ui/over.tsx'
import type { Path, Sheet } from './sheet.ts'
import { looksLike } from './text.tsx'
import '../style/drawing-sheet.css'

const INK = '#0b0c0c'
const PAPER = '#ffffff'
const SHARPEST = 3 // dots to a pixel; more only makes the file larger
const LONGEST = 1600
const THUMBNAIL = 320
const EDGE = 16 // of paper around the ink
const LONGEST_REASON = 140

interface Props {
  field: Field
  path: Path
  sheet: Sheet
  onClose: () => void
}

export function DrawingSheet({ field, path, sheet, onClose }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const pad = useRef<SignaturePad | null>(null)
  const [strokes, setStrokes] = useState(0)
  const [reason, setReason] = useState('')
  const [missing, setMissing] = useState(false)
  const signs = field.type === 'signature'
  const count = () => setStrokes(pad.current?.toData().length ?? 0)
  useEffect(() => {
    const paper = canvas.current!
    const made = new SignaturePad(paper, { penColor: INK, backgroundColor: PAPER, minWidth: 1, maxWidth: 3 })
    pad.current = made
    made.addEventListener('endStroke', count)
    const fit = () => fitted(paper, made)
    fit()
    const watching = new ResizeObserver(fit) // a phone is turned round to sign
    watching.observe(paper)
    return () => {
      watching.disconnect()
      made.off()
    }
  }, [])
  const undo = () => {
    pad.current?.fromData(pad.current.toData().slice(0, -1))
    count()
  }
  const clear = () => {
    pad.current?.clear()
    count()
  }
  const done = async () => {
    const words = reason.trim()
    if (strokes === 0 && !words) return setMissing(true)
    const paper = canvas.current!
    const ink = strokes === 0 ? write(paper, words) : inkOf(pad.current!)
    await sheet.addDrawing(path, await cutOut(paper, ink), strokes === 0 ? { typed: words } : {})
    onClose()
  }
  return (
    <Over
      title={field.label}
      full
      onClose={onClose}
      bottom={
        <>
          <Button icon="undo-2" onPress={undo}>
            Undo
          </Button>
          <Button icon="trash-2" onPress={clear}>
            Clear
          </Button>
          <Button kind="primary" icon="check" onPress={done}>
            Done
          </Button>
        </>
      }
    >
      <div class={`paper ${signs ? 'to-sign' : ''}`}>
        <canvas
          ref={canvas}
          role="img"
          aria-label={
            signs
              ? 'Sign in this space with a finger, a pen or a mouse'
              : 'Draw in this space with a finger, a pen or a mouse'
          }
        />
        {strokes === 0 && <p aria-hidden="true">{signs ? 'Sign here' : 'Draw here'}</p>}
      </div>
      {missing && (
        <p class="problem" role="alert">
          {signs ? 'Nothing is signed yet.' : 'Nothing is drawn yet.'}
        </p>
      )}
      {looksLike(field.appearance, 'reason') && (
        <label class="instead">
          {signs ? 'Cannot sign? Say why, or type the name' : 'Cannot draw? Say it in words'}
          <input
            class="box"
            type="text"
            autoComplete="off"
            maxLength={LONGEST_REASON}
            value={reason}
            disabled={strokes > 0}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
      )}
    </Over>
  )
}

/** The canvas as sharp as the screen, with what was drawn on it before the phone was turned. */
function fitted(canvas: HTMLCanvasElement, pad: SignaturePad): void {
  const ratio = Math.min(devicePixelRatio || 1, SHARPEST)
  const [width, height] = [Math.round(canvas.offsetWidth * ratio), Math.round(canvas.offsetHeight * ratio)]
  if (canvas.width === width && canvas.height === height) return
  const strokes = pad.toData()
  canvas.width = width
  canvas.height = height
  canvas.getContext('2d')!.scale(ratio, ratio)
  pad.clear() // paints the paper white, which setting the size has made clear
  pad.fromData(strokes)
}

interface Area {
  left: number
  top: number
  right: number
  bottom: number
}

function inkOf(pad: SignaturePad): Area {
  const points = pad.toData().flatMap((stroke) => stroke.points)
  const [across, down] = [points.map(({ x }) => x), points.map(({ y }) => y)]
  return { left: Math.min(...across), top: Math.min(...down), right: Math.max(...across), bottom: Math.max(...down) }
}

/** The words as the picture too, so that whoever prints the record sees why there is no signature. */
function write(canvas: HTMLCanvasElement, words: string): Area {
  const pen = canvas.getContext('2d')!
  pen.fillStyle = INK
  pen.font = '20px system-ui, sans-serif'
  const lines = broken(['Not signed:', words], canvas.offsetWidth - 40, pen)
  lines.forEach((line, index) => pen.fillText(line, 20, 40 + index * 28))
  return { left: 20, top: 20, right: canvas.offsetWidth - 20, bottom: 20 + lines.length * 28 }
}

function broken(paragraphs: string[], width: number, pen: CanvasRenderingContext2D): string[] {
  return paragraphs.flatMap((paragraph) => {
    const lines = ['']
    for (const word of paragraph.split(/\s+/)) {
      const longer = `${lines.at(-1)} ${word}`.trim()
      if (pen.measureText(longer).width > width && lines.at(-1)) lines.push(word)
      else lines[lines.length - 1] = longer
    }
    return lines
  })
}

/** The part with ink on it and a little paper around, as the file and as a thumbnail. */
async function cutOut(canvas: HTMLCanvasElement, ink: Area): Promise<Drawn> {
  const ratio = canvas.width / canvas.offsetWidth
  const left = Math.max(0, Math.floor((ink.left - EDGE) * ratio))
  const top = Math.max(0, Math.floor((ink.top - EDGE) * ratio))
  const width = Math.min(canvas.width, Math.ceil((ink.right + EDGE) * ratio)) - left
  const height = Math.min(canvas.height, Math.ceil((ink.bottom + EDGE) * ratio)) - top
  const drawn = (longest: number) => {
    const scale = Math.min(1, longest / Math.max(width, height))
    const paper = document.createElement('canvas')
    paper.width = Math.max(1, Math.round(width * scale))
    paper.height = Math.max(1, Math.round(height * scale))
    const pen = paper.getContext('2d')!
    pen.imageSmoothingQuality = 'high'
    pen.drawImage(canvas, left, top, width, height, 0, 0, paper.width, paper.height)
    return paper
  }
  const paper = drawn(LONGEST)
  return {
    bytes: await encoded(paper, 'image/png'),
    thumbnail: await encoded(drawn(THUMBNAIL), 'image/jpeg'),
    width: paper.width,
    height: paper.height,
  }
}

function encoded(canvas: HTMLCanvasElement, mediaType: string): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob) resolve(blob.arrayBuffer())
      else reject(new Error(`the browser made no ${mediaType}`))
    }, mediaType)
  })
}
