/** One photo as large as the screen allows, to see what the reviewer saw. */
import { photoBytes, photosOf } from '../store/index.ts'
import { Later } from '../ui/later.tsx'
import { dayAndTime } from '../ui/time.ts'
import { bytes } from '../ui/words.ts'
import { Frame } from './frame.tsx'
import { Missing } from './missing.tsx'
import { useStored } from './stored.ts'

export function PhotoScreen({ instanceId, photoId }: { instanceId: string; photoId: string }) {
  const photos = useStored(() => photosOf(instanceId), [instanceId])
  const large = useStored(() => photoBytes(photoId), [photoId])
  if (photos === undefined || large === undefined) return null
  const index = photos.findIndex((each) => each.id === photoId)
  const photo = photos[index]
  if (!photo) return <Missing />
  return (
    <Frame title={`Photo ${index + 1}`} back={{ to: `/record/${instanceId}`, name: 'Record' }}>
      <div class="large-photo">
        <Later
          load={() => import('../ui/zoom.tsx').then((part) => part.Zoom)}
          given={{ bytes: large ?? photo.thumbnail, alt: photo.about?.typed ?? `Photo ${index + 1}` }}
        />
      </div>
      {photo.about?.caption && <p>{photo.about.caption}</p>}
      <p class="quiet">
        {dayAndTime(photo.takenAt)}, {photo.width} by {photo.height}, {bytes(photo.size)}
        {large === null && '. The photo itself has been sent; this is the small copy.'}
      </p>
    </Frame>
  )
}
