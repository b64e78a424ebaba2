/** What the shrinking worker answers. */

export interface Shrunk {
  bytes: ArrayBuffer
  thumbnail: ArrayBuffer
  width: number
  height: number
}

export type ShrinkAnswer = { shrunk: Shrunk } | { failed: string }
