/** What the answers say of the photos on this phone. */
import { withAnswer, type Path } from '../fields/sheet.ts'
import { aboutName, isPicture, type AboutRow } from '../forms/pictures.ts'
import type { Answers, Field, Photo } from '../types.ts'

/**
 * The answers naming exactly the photos that are on this phone: one that was stored as the battery went is not lost,
 * and one that is gone does not keep the record from being finished.
 */
export function withPhotosKept(fields: Field[], answers: Answers, photos: Photo[]): Answers {
  return fields.reduce((so, field) => {
    if (field.type === 'group') return withPhotosKept(field.fields ?? [], so, photos)
    return isPicture(field) ? withPhotos(so, field.name, photos) : so
  }, answers)
}

/** The answers with this question's photos, and what is said of each. */
export function withPhotos(answers: Answers, path: Path, photos: Photo[]): Answers {
  const own = photos.filter((photo) => photo.field === path)
  const said = own.map(aboutOf).filter((row) => Object.keys(row).length > 1)
  const named = withAnswer(
    answers,
    path,
    own.map((photo) => photo.sha256),
  )
  return withAnswer(named, aboutName(path), said)
}

function aboutOf({ sha256, original, about, covers, covered = 0 }: Photo): AboutRow {
  const places = covered + (covers?.length ?? 0)
  const said = Object.fromEntries(Object.entries(about ?? {}).filter(([, value]) => value !== ''))
  return { photo: sha256, ...(original && { original }), ...said, ...(places > 0 && { covered: places }) }
}
