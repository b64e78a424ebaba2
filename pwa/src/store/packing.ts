/** A value of ours as bytes and back: JSON, with the ArrayBuffers in it behind it. */

/** JSON has no place for bytes; this stands where some were. */
interface Taken {
  $bytes: number
}

export function pack(value: unknown): Uint8Array {
  const taken: ArrayBuffer[] = []
  const text = JSON.stringify(value, (_, inner: unknown) =>
    inner instanceof ArrayBuffer ? ({ $bytes: taken.push(inner) - 1 } satisfies Taken) : inner,
  )
  const json = new TextEncoder().encode(text)
  const sizes = [json.byteLength, ...taken.map((bytes) => bytes.byteLength)]
  const packed = new Uint8Array(4 * (1 + sizes.length) + sizes.reduce((sum, size) => sum + size, 0))
  const numbers = new DataView(packed.buffer)
  numbers.setUint32(0, sizes.length)
  sizes.forEach((size, at) => numbers.setUint32(4 * (1 + at), size))
  let at = 4 * (1 + sizes.length)
  for (const bytes of [json, ...taken.map((buffer) => new Uint8Array(buffer))]) {
    packed.set(bytes, at)
    at += bytes.byteLength
  }
  return packed
}

export function unpack(packed: Uint8Array): unknown {
  const numbers = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const count = numbers.getUint32(0)
  const pieces: Uint8Array[] = []
  let at = 4 * (1 + count)
  for (let piece = 0; piece < count; piece++) {
    const size = numbers.getUint32(4 * (1 + piece))
    pieces.push(packed.slice(at, at + size))
    at += size
  }
  return JSON.parse(new TextDecoder().decode(pieces[0]), (_, inner: unknown) =>
    isTaken(inner) ? pieces[1 + inner.$bytes]!.buffer : inner,
  )
}

function isTaken(value: unknown): value is Taken {
  return typeof value === 'object' && value !== null && '$bytes' in value
}
