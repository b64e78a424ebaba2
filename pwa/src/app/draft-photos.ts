/** The photos of the open record: each stored by itself, the moment it is small enough. */
import { withAnswer, type Path } from '../fields/sheet.ts'
import { addPhoto, removePhoto, restorePhoto } from '../store/index.ts'
import type { Answers, Draft, Field, Photo } from '../types.ts'
import { sentence } from './trouble.tsx'

export class DraftPhotos {
  all: Photo[]
  busy: Record<Path, number> = {}
  trouble: Record<Path, string> = {}
  /** Resolves when no photo is on its way any more. */
  settled: Promise<unknown> = Promise.resolve()
  private readonly draft: Draft
  private readonly listed: (path: Path, digests: string[]) => void
  private readonly changed: () => void

  constructor(draft: Draft, photos: Photo[], listed: (path: Path, digests: string[]) => void, changed: () => void) {
    this.draft = draft
    this.all = photos
    this.listed = listed
    this.changed = changed
  }

  /** One that fails does not stop the next. */
  async add(path: Path, files: File[]): Promise<void> {
    this.trouble = { ...this.trouble, [path]: '' }
    this.count(path, files.length)
    const work = Promise.all(files.map((file) => this.addOne(path, file)))
    this.settled = Promise.all([this.settled, work])
    await work
  }

  async remove(photo: Photo): Promise<void> {
    await removePhoto(photo.id)
    this.hold(
      photo.field,
      this.all.filter((each) => each.id !== photo.id),
    )
  }

  async restore(photo: Photo): Promise<void> {
    await restorePhoto(photo.id)
    this.hold(
      photo.field,
      [...this.all, photo].sort((one, other) => one.takenAt.localeCompare(other.takenAt)),
    )
  }

  private async addOne(path: Path, file: File): Promise<void> {
    try {
      const photo = await addPhoto(this.draft, path, file)
      this.hold(path, [...this.all, photo])
    } catch (error) {
      this.trouble = { ...this.trouble, [path]: sentence(error) }
    }
    this.count(path, -1)
  }

  private hold(path: Path, photos: Photo[]): void {
    this.all = photos
    this.listed(path, digestsFor(path, photos))
  }

  private count(path: Path, more: number): void {
    this.busy = { ...this.busy, [path]: (this.busy[path] ?? 0) + more }
    this.changed()
  }
}

/**
 * The answers naming exactly the photos that are on this phone: one that was stored as the battery went is not lost,
 * and one that is gone does not keep the record from being finished.
 */
export function withPhotosKept(fields: Field[], answers: Answers, photos: Photo[]): Answers {
  return fields.reduce((so, field) => {
    if (field.type === 'group') return withPhotosKept(field.fields ?? [], so, photos)
    return field.type === 'image' ? withAnswer(so, field.name, digestsFor(field.name, photos)) : so
  }, answers)
}

function digestsFor(path: Path, photos: Photo[]): string[] {
  return photos.filter((photo) => photo.field === path).map((photo) => photo.sha256)
}
