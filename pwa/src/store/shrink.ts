/** Shrinks photos one at a time, each in a worker of its own that ends with it. */
import { PhotoUnreadable } from './problems.ts'
import type { Cover } from '../types.ts'
import type { ShrinkAnswer, ShrinkQuestion, Shrunk } from './shrunk.ts'
import { scriptAddress } from './trusted.ts'
import workerAddress from './shrink.worker.ts?worker&url'

const PATIENCE = 60_000 // a slow phone takes 5 s; a worker silent for a minute has died

let previous: Promise<unknown> = Promise.resolve()

/** Throws PhotoUnreadable with a sentence. */
export function shrink(picture: Blob, covers: Cover[] = []): Promise<Shrunk> {
  const turn = previous.catch(() => undefined).then(() => shrinkInWorker({ picture, covers }))
  previous = turn
  return turn
}

function shrinkInWorker(question: ShrinkQuestion): Promise<Shrunk> {
  const worker = new Worker(scriptAddress(workerAddress), { type: 'module' })
  return new Promise<Shrunk>((resolve, reject) => {
    const fail = (cause: unknown) =>
      isHeic(question.picture).then((heic) => reject(new PhotoUnreadable(heic ? HEIC : UNREADABLE, { cause })))
    const silence = setTimeout(() => fail('the worker did not answer'), PATIENCE)
    worker.onerror = (event) => fail(event.message)
    worker.onmessage = (event: MessageEvent<ShrinkAnswer>) => {
      clearTimeout(silence)
      if ('shrunk' in event.data) resolve(event.data.shrunk)
      else fail(event.data.failed)
    }
    worker.postMessage(question)
  }).finally(() => worker.terminate())
}

/** What an iPhone keeps its photos as, which only Apple's own browsers open. */
async function isHeic(file: Blob): Promise<boolean> {
  const head = String.fromCharCode(...new Uint8Array(await file.slice(4, 12).arrayBuffer()))
  return /^ftyp(hei[cmsx]|hev[cmsx]|mif1|msf1)$/.test(head)
}

const HEIC =
  'This is an iPhone photo (HEIC), which this browser cannot open, so it was not kept. Use Take photo, or save it as JPEG first.'
const UNREADABLE = 'This photo could not be opened, so it was not kept. Take it again, or choose one saved as JPEG.'
