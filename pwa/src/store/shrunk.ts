/** What the shrinking worker is asked and answers. */
import type { Cover } from '../types.ts'

export interface ShrinkQuestion {
  picture: Blob
  /** What is painted over, before anything leaves the worker. */
  covers: Cover[]
}

export interface Shrunk {
  bytes: ArrayBuffer
  thumbnail: ArrayBuffer
  width: number
  height: number
}

export type ShrinkAnswer = { shrunk: Shrunk } | { failed: string }
