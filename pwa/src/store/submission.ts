/** The frozen submission: the exact bytes a device signs off, in the contract's order. */
import type { Answers, Draft } from '../types.ts'
import type { AttachmentRef, PhotoRow } from './database.ts'

declare const __APP_VERSION__: string

export const APP_VERSION: string = typeof __APP_VERSION__ === 'string' ? __APP_VERSION__ : '0.0.0'

/** These bytes never change again: an edit makes a new submission with `replaces`. */
export function frozen(draft: Draft, counter: number, capturedAt: string, attachments: AttachmentRef[]): ArrayBuffer {
  const submission = {
    instanceId: draft.instanceId,
    formId: draft.formId,
    formVersion: draft.formVersion,
    capturedAt,
    counter,
    replaces: draft.replaces,
    patrolId: draft.patrolId,
    location: draft.location && {
      latitude: draft.location.latitude,
      longitude: draft.location.longitude,
      accuracy: draft.location.accuracy,
      source: draft.location.source,
      fixedAt: draft.location.fixedAt,
    },
    answers: draft.answers,
    attachments: attachments.map(({ field, sha256, size, mediaType }) => ({ field, sha256, size, mediaType })),
    app: APP_VERSION,
    ...draft.links,
  }
  return new TextEncoder().encode(JSON.stringify(submission)).buffer as ArrayBuffer
}

export function answersOf(bytes: ArrayBuffer | null): Answers {
  return bytes ? (JSON.parse(new TextDecoder().decode(bytes)) as { answers: Answers }).answers : {}
}

/** The photos the answers name, in that order, each field's picture once. One of a question that no longer applies is not among them. */
export function attached(photos: PhotoRow[], answers: Answers): PhotoRow[] {
  const named = [...textsIn(answers)]
  const seen = new Set<string>()
  const listed = photos.filter((photo) => {
    const key = `${photo.field} ${photo.sha256}`
    if (photo.removedAt || !named.includes(photo.sha256) || seen.has(key)) return false
    seen.add(key)
    return true
  })
  return listed.sort((one, other) => named.indexOf(one.sha256) - named.indexOf(other.sha256))
}

/** Every SHA-256 the answers name, so that one without bytes is noticed before anything is frozen. */
export function digestsIn(answers: Answers): string[] {
  return [...textsIn(answers)].filter((text) => /^[0-9a-f]{64}$/.test(text))
}

function textsIn(value: unknown, found: Set<string> = new Set()): Set<string> {
  if (typeof value === 'string') found.add(value)
  else if (value && typeof value === 'object') for (const inner of Object.values(value)) textsIn(inner, found)
  return found
}
