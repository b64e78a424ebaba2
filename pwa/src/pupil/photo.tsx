/**
 * A photo of wheels and lines, where the school agreed. What the camera saw stands on a canvas in memory and nowhere else; only the
 * picture with its boxes is ever stored (MT9, MT10), and only after a grown-up's PIN.
 */
import { useEffect, useRef, useState } from 'preact/hooks'
import { reportTrouble } from '../app/trouble.tsx'
import type { Patrol } from '../patrols/patrol.ts'
import { addPhoto } from '../store/index.ts'
import type { Draft } from '../types.ts'
import { Pin } from './pin.tsx'
import { BigButton, Stage } from './stage.tsx'
import { words } from './words.ts'

interface Box {
  x: number
  y: number
  w: number
  h: number
}

interface Props {
  patrol: Patrol
  draft: Draft
  onBack: () => unknown
  onCross: () => unknown
  onKept: (sha256: string) => unknown
}

const WIDTH = 1024
const HEIGHT = 768
const STEP = 0.025
const LEAST = 0.05
const START: Pick<Box, 'w' | 'h'> = { w: 0.22, h: 0.12 }

export function PhotoTaking({ patrol, draft, onBack, onCross, onKept }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [seen, setSeen] = useState<ImageBitmap | null>(null)
  const [boxes, setBoxes] = useState<Box[]>([])
  const [pin, setPin] = useState(false)
  useEffect(() => () => seen?.close(), [seen])
  useEffect(() => {
    if (seen && canvas.current) draw(canvas.current, seen, boxes, true)
  }, [seen, boxes, pin])
  const keep = async () => {
    const clean = document.createElement('canvas')
    clean.width = WIDTH
    clean.height = HEIGHT
    draw(clean, seen!, boxes, false)
    const covered = await new Promise<Blob | null>((done) => clean.toBlob(done, 'image/jpeg', 0.85))
    if (!covered) return
    const kept = await addPhoto(draft, 'photo', covered)
    clean.width = 0 // lets go of the pixels at once
    setSeen(null)
    await onKept(kept.sha256)
  }
  if (pin && seen)
    return <Pin patrol={patrol} onBack={() => setPin(false)} onRight={() => keep().catch(reportTrouble)} />
  if (!seen) return <Camera onBack={onBack} onCross={onCross} onSeen={setSeen} />
  const change = (by: (box: Box) => Partial<Box>) =>
    setBoxes(boxes.map((box, at) => (at === boxes.length - 1 ? inside({ ...box, ...by(box) }) : box)))
  return (
    <Stage title={words.photoCover} onBack={() => setSeen(null)} onCross={onCross} class="photo-stage">
      <div class="photo-cover">
        <canvas
          ref={canvas}
          width={WIDTH}
          height={HEIGHT}
          role="img"
          aria-label={`The photo, ${boxes.length} covered`}
          onClick={(event) => {
            const at = event.currentTarget.getBoundingClientRect()
            const x = (event.clientX - at.left) / at.width - START.w / 2
            const y = (event.clientY - at.top) / at.height - START.h / 2
            setBoxes([...boxes, inside({ x, y, ...START })])
          }}
        />
        <div class="photo-tools">
          {boxes.length > 0 && (
            <>
              <BigButton icon="arrow-left" onPress={() => change(({ x }) => ({ x: x - STEP }))}>
                {words.left}
              </BigButton>
              <BigButton icon="arrow-right" onPress={() => change(({ x }) => ({ x: x + STEP }))}>
                {words.right}
              </BigButton>
              <BigButton onPress={() => change(({ y }) => ({ y: y - STEP }))}>{words.up}</BigButton>
              <BigButton onPress={() => change(({ y }) => ({ y: y + STEP }))}>{words.down}</BigButton>
              <BigButton icon="plus" onPress={() => change(({ w, h }) => ({ w: w + STEP * 2, h: h + STEP * 1.2 }))}>
                {words.bigger}
              </BigButton>
              <BigButton icon="minus" onPress={() => change(({ w, h }) => ({ w: w - STEP * 2, h: h - STEP * 1.2 }))}>
                {words.smaller}
              </BigButton>
              <BigButton icon="undo-2" onPress={() => setBoxes(boxes.slice(0, -1))}>
                {words.undo}
              </BigButton>
            </>
          )}
          <BigButton class="primary" icon="check" onPress={() => setPin(true)}>
            {boxes.length ? words.photoCovered : words.photoNothing}
          </BigButton>
        </div>
      </div>
    </Stage>
  )
}

/** The camera's own picture under a guide; where a browser gives none, the tablet's camera app. */
function Camera({
  onBack,
  onCross,
  onSeen,
}: {
  onBack: () => unknown
  onCross: () => unknown
  onSeen: (seen: ImageBitmap) => void
}) {
  const video = useRef<HTMLVideoElement>(null)
  const chooser = useRef<HTMLInputElement>(null)
  const [live, setLive] = useState<MediaStream | null>(null)
  useEffect(() => {
    let wanted = true
    let stream: MediaStream | null = null
    navigator.mediaDevices
      ?.getUserMedia({ video: { facingMode: 'environment', width: WIDTH, height: HEIGHT }, audio: false })
      .then((given) => {
        stream = given
        if (wanted) setLive(given)
        else for (const track of given.getTracks()) track.stop()
      })
      .catch(() => undefined)
    return () => {
      wanted = false
      for (const track of stream?.getTracks() ?? []) track.stop()
    }
  }, [])
  useEffect(() => {
    if (video.current) video.current.srcObject = live
  }, [live])
  const take = async () => {
    if (live && video.current) onSeen(await framed(video.current))
    else chooser.current?.click()
  }
  return (
    <Stage title={words.photoGuide} read={[words.photoGuide]} onBack={onBack} onCross={onCross} class="photo-stage">
      <div class="photo-live">
        {live && <video ref={video} autoPlay playsInline muted />}
        <svg
          class="photo-guide"
          viewBox="0 0 400 300"
          preserveAspectRatio="xMidYMid slice"
          aria-hidden="true"
          focusable="false"
        >
          <path d="M0 0h400v300H0zM50 130h300v140H50z" fill="#0b0c0c" fill-opacity=".55" fill-rule="evenodd" />
          <rect
            x="50"
            y="130"
            width="300"
            height="140"
            rx="14"
            fill="none"
            stroke="#ffe24a"
            stroke-width="6"
            stroke-dasharray="18 12"
          />
          <circle cx="120" cy="216" r="30" fill="none" stroke="#fff" stroke-width="5" />
          <circle cx="280" cy="216" r="30" fill="none" stroke="#fff" stroke-width="5" />
          <path d="M60 258h280" stroke="#ffd400" stroke-width="8" />
        </svg>
      </div>
      <input
        ref={chooser}
        hidden
        type="file"
        accept="image/*"
        capture="environment"
        onChange={async (event) => {
          const file = event.currentTarget.files?.[0]
          if (file) onSeen(await framed(await createImageBitmap(file)))
        }}
      />
      <BigButton class="primary wide" icon="camera" onPress={take}>
        {words.photoTake}
      </BigButton>
    </Stage>
  )
}

/** Cut to the size that is kept; a larger picture never stands anywhere. */
async function framed(source: HTMLVideoElement | ImageBitmap): Promise<ImageBitmap> {
  const [width, height] =
    'videoWidth' in source ? [source.videoWidth, source.videoHeight] : [source.width, source.height]
  const scale = Math.max(WIDTH / width, HEIGHT / height)
  const [w, h] = [WIDTH / scale, HEIGHT / scale]
  const cut = await createImageBitmap(source, (width - w) / 2, (height - h) / 2, w, h, {
    resizeWidth: WIDTH,
    resizeHeight: HEIGHT,
  })
  if ('close' in source) source.close()
  return cut
}

function draw(canvas: HTMLCanvasElement, seen: ImageBitmap, boxes: Box[], marked: boolean): void {
  const pen = canvas.getContext('2d')!
  pen.drawImage(seen, 0, 0, WIDTH, HEIGHT)
  boxes.forEach(({ x, y, w, h }, at) => {
    pen.fillStyle = '#0b0c0c'
    pen.fillRect(x * WIDTH, y * HEIGHT, w * WIDTH, h * HEIGHT)
    if (!marked || at !== boxes.length - 1) return
    pen.strokeStyle = '#ffe24a'
    pen.lineWidth = 8
    pen.strokeRect(x * WIDTH, y * HEIGHT, w * WIDTH, h * HEIGHT)
  })
}

function inside({ x, y, w, h }: Box): Box {
  const [wide, high] = [Math.min(1, Math.max(LEAST, w)), Math.min(1, Math.max(LEAST, h))]
  return { x: Math.min(1 - wide, Math.max(0, x)), y: Math.min(1 - high, Math.max(0, y)), w: wide, h: high }
}
