/** Scales one picture down off the main thread, so that the form stays quick while a 12-megapixel photo is read. */
import type { Cover } from '../types.ts'
import type { ShrinkAnswer, ShrinkQuestion, Shrunk } from './shrunk.ts'

const LONG_SIDE = 1600 // reads a number plate at 10 m and stays near 300 kB
const THUMBNAIL = 320
const QUALITY = 0.8

self.onmessage = async (event: MessageEvent<ShrinkQuestion>) => {
  try {
    const shrunk = await shrink(event.data)
    answer({ shrunk }, [shrunk.bytes, shrunk.thumbnail])
  } catch (error) {
    answer({ failed: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }, [])
  }
}

async function shrink({ picture: file, covers }: ShrinkQuestion): Promise<Shrunk> {
  const picture = await createImageBitmap(file)
  try {
    const photo = drawn(picture, LONG_SIDE)
    paintOver(photo, covers)
    const thumbnail = drawn(photo, THUMBNAIL)
    return {
      bytes: await encoded(photo),
      thumbnail: await encoded(thumbnail),
      width: photo.width,
      height: photo.height,
    }
  } finally {
    picture.close()
  }
}

/** Never a canvas larger than what comes out: phones refuse or crash on a full-size one. */
function drawn(picture: ImageBitmap | OffscreenCanvas, longSide: number): OffscreenCanvas {
  const scale = Math.min(1, longSide / Math.max(picture.width, picture.height))
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(picture.width * scale)),
    Math.max(1, Math.round(picture.height * scale)),
  )
  const pen = canvas.getContext('2d', { alpha: false })
  if (!pen) throw new Error('no canvas')
  pen.fillStyle = '#ffffff' // a signature has no background of its own, and JPEG would make it black
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.imageSmoothingQuality = 'high' // the default makes files 18 % larger out of aliasing
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height)
  return canvas
}

/** Solid black: what is blurred can be guessed at, what is painted over is gone. */
function paintOver(photo: OffscreenCanvas, covers: Cover[]): void {
  const pen = photo.getContext('2d', { alpha: false })
  if (!pen) throw new Error('no canvas')
  pen.fillStyle = '#000000'
  for (const { x, y, width, height } of covers) {
    pen.fillRect(x * photo.width, y * photo.height, width * photo.width, height * photo.height)
  }
}

async function encoded(canvas: OffscreenCanvas): Promise<ArrayBuffer> {
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY })
  if (blob.type !== 'image/jpeg') throw new Error(`the browser made ${blob.type}`) // WebKit answers PNG to what it cannot encode
  return blob.arrayBuffer()
}

function answer(message: ShrinkAnswer, transfer: Transferable[]): void {
  self.postMessage(message, { transfer })
}
