/** The photos of the open record: each stored by itself, the moment it is small enough. Their rows are the truth, the answers follow. */
import type { Path } from '../fields/sheet.ts'
import { takenToShow } from '../forms/pictures.ts'
import {
  addDrawing,
  addPhoto,
  arrangePhotos,
  coverPhoto,
  describePhoto,
  inOrder,
  removePhoto,
  restorePhoto,
  type Drawn,
} from '../store/index.ts'
import type { Cover, Draft, Field, Photo, PhotoAbout } from '../types.ts'
import { sentence } from './trouble.tsx'

export class DraftPhotos {
  all: Photo[]
  busy: Record<Path, number> = {}
  trouble: Record<Path, string> = {}
  /** Resolves when no photo is on its way any more. */
  settled: Promise<unknown> = Promise.resolve()
  private readonly draft: Draft
  private readonly listed: (path: Path) => void
  private readonly changed: () => void

  constructor(draft: Draft, photos: Photo[], listed: (path: Path) => void, changed: () => void) {
    this.draft = draft
    this.all = photos
    this.listed = listed
    this.changed = changed
  }

  of(path: Path): Photo[] {
    return this.all.filter((photo) => photo.field === path)
  }

  /** One that fails does not stop the next. */
  async add(path: Path, files: File[], field: Field | undefined): Promise<void> {
    const shown = this.of(path).map(({ about }) => about?.shows)
    const abouts = takenToShow(field, shown, files.length)
    this.trouble = { ...this.trouble, [path]: '' }
    this.count(path, files.length)
    await this.settling(Promise.all(files.map((file, number) => this.addOne(path, file, abouts[number]!))))
  }

  /** A question has one signature: a new one takes the place of the one before. */
  async draw(path: Path, drawn: Drawn, about: PhotoAbout): Promise<void> {
    const before = this.of(path)
    const added = await this.settling(addDrawing(this.draft, path, drawn, about))
    for (const photo of before) await removePhoto(photo.id)
    this.hold(path, [...this.all.filter((photo) => !before.includes(photo)), added])
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
    this.hold(photo.field, [...this.all, photo])
  }

  async cover(photo: Photo, covers: Cover[]): Promise<void> {
    this.replace(await this.settling(coverPhoto(photo.id, covers)))
  }

  /** Adds to what is said of it; at once, for the next letter must not wait for the disk. */
  async describe({ id }: Photo, more: PhotoAbout): Promise<void> {
    const photo = this.all.find((each) => each.id === id)
    if (!photo) return
    const about = { ...photo.about, ...more }
    this.replace({ ...photo, about })
    this.changed()
    await this.settling(describePhoto(id, about))
  }

  /** One place earlier or later among the photos of its question. */
  async move(photo: Photo, by: -1 | 1): Promise<void> {
    const order = this.of(photo.field)
    const from = order.findIndex((each) => each.id === photo.id)
    const to = Math.max(0, Math.min(order.length - 1, from + by))
    order.splice(to, 0, ...order.splice(from, 1))
    const arranged = await this.settling(arrangePhotos(order))
    this.hold(photo.field, [...this.all.filter((each) => each.field !== photo.field), ...arranged])
  }

  private async addOne(path: Path, file: File, about: PhotoAbout): Promise<void> {
    try {
      const photo = await addPhoto(this.draft, path, file, about)
      this.hold(path, [...this.all, photo])
    } catch (error) {
      this.trouble = { ...this.trouble, [path]: sentence(error) }
    }
    this.count(path, -1)
  }

  private replace(photo: Photo): void {
    this.hold(
      photo.field,
      this.all.map((each) => (each.id === photo.id ? photo : each)),
    )
  }

  private hold(path: Path, photos: Photo[]): void {
    this.all = inOrder(photos)
    this.listed(path)
  }

  private settling<T>(work: Promise<T>): Promise<T> {
    this.settled = Promise.allSettled([this.settled, work])
    return work
  }

  private count(path: Path, more: number): void {
    this.busy = { ...this.busy, [path]: (this.busy[path] ?? 0) + more }
    this.changed()
  }
}
