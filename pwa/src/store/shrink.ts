/** Shrinks photos one at a time, each in a worker of its own that ends with it. */
import { PhotoUnreadable } from './problems.ts'
import type { ShrinkAnswer, Shrunk } from './shrunk.ts'
import { scriptAddress } from './trusted.ts'
import workerAddress from './shrink.worker.ts?worker&url'

const PATIENCE = 60_000 // a slow phone takes 5 s; a worker silent for a minute has died

let previous: Promise<unknown> = Promise.resolve()

export function shrink(file: Blob): Promise<Shrunk> {
  const turn = previous.catch(() => undefined).then(() => shrinkInWorker(file))
  previous = turn
  return turn
}

function shrinkInWorker(file: Blob): Promise<Shrunk> {
  const worker = new Worker(scriptAddress(workerAddress), { type: 'module' })
  return new Promise<Shrunk>((resolve, reject) => {
    const fail = (cause: unknown) => reject(new PhotoUnreadable(UNREADABLE, { cause }))
    const silence = setTimeout(() => fail('the worker did not answer'), PATIENCE)
    worker.onerror = (event) => fail(event.message)
    worker.onmessage = (event: MessageEvent<ShrinkAnswer>) => {
      clearTimeout(silence)
      if ('shrunk' in event.data) resolve(event.data.shrunk)
      else fail(event.data.failed)
    }
    worker.postMessage(file)
  }).finally(() => worker.terminate())
}

const UNREADABLE = 'This photo could not be opened, so it was not kept. Take it again, or choose one saved as JPEG.'
