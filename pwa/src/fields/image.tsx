/** Photos: two buttons, because Android's picker has no camera and its camera button has no picker. */
import { useRef } from 'preact/hooks'
import type { Photo } from '../types.ts'
import { Button, LinkButton } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { MovingBar } from '../ui/moving-bar.tsx'
import { Picture } from '../ui/picture.tsx'
import { Undone } from '../ui/undone.tsx'
import { words } from '../ui/words.ts'
import { Question } from './question.tsx'
import type { Path, QuestionProps, Sheet } from './sheet.ts'

const MOST = 4

export function ImageField(props: QuestionProps) {
  const { field, path, sheet } = props
  const photos = sheet.photos.filter((photo) => photo.field === path)
  const busy = sheet.photosBusy[path] ?? 0
  const trouble = sheet.photoTrouble[path]
  const room = (field.max ?? MOST) - photos.length - busy
  const undone = sheet.removed?.path === path ? sheet.removed : null
  return (
    <Question {...props} controls="several">
      {(photos.length > 0 || busy > 0 || undone) && (
        <ul class="photos">
          {photos.map((photo, index) => (
            <Kept key={photo.id} photo={photo} number={index + 1} sheet={sheet} />
          ))}
          {undone && (
            <li key="undone">
              <Undone what={undone.what} onUndo={undone.undo} />
            </li>
          )}
          {Array.from({ length: busy }, (_, index) => (
            <li key={`busy-${index}`} class="photo busy">
              <MovingBar words="Keeping the photo" />
            </li>
          ))}
        </ul>
      )}
      {trouble && (
        <p class="problem" role="alert">
          <Icon name="circle-alert" />
          <span>{trouble}</span>
        </p>
      )}
      {room > 0 ? (
        <Buttons path={path} sheet={sheet} room={room} />
      ) : (
        <p class="quiet">That is all this question takes.</p>
      )}
    </Question>
  )
}

function Kept({ photo, number, sheet }: { photo: Photo; number: number; sheet: Sheet }) {
  return (
    <li>
      <div class="photo">
        <Picture bytes={photo.thumbnail} alt={`Photo ${number}`} />
      </div>
      <LinkButton
        icon="trash-2"
        kind="danger"
        label={`Remove photo ${number}`}
        onPress={() => sheet.removePhoto(photo)}
      >
        Remove
      </LinkButton>
    </li>
  )
}

function Buttons({ path, sheet, room }: { path: Path; sheet: Sheet; room: number }) {
  const camera = useRef<HTMLInputElement>(null)
  const picker = useRef<HTMLInputElement>(null)
  const open = (input: HTMLInputElement | null) => async () => {
    await sheet.save() // a phone short of memory throws the page away while the camera is open
    input?.click()
  }
  const take = (event: { currentTarget: HTMLInputElement }) => {
    const files = [...(event.currentTarget.files ?? [])].slice(0, room)
    event.currentTarget.value = '' // or the same photo could not be chosen twice
    return sheet.addPhotos(path, files)
  }
  return (
    <div class="photo-buttons">
      <Button icon="camera" class="take" onPress={open(camera.current)}>
        {words.takePhoto}
      </Button>
      <Button icon="image" onPress={open(picker.current)}>
        {words.choosePhoto}
      </Button>
      <input ref={camera} type="file" hidden accept="image/*" capture="environment" onChange={take} />
      <input
        ref={picker}
        type="file"
        hidden
        multiple={room > 1}
        accept="image/jpeg,image/png,image/webp"
        onChange={take}
      />
    </div>
  )
}
