/** Photos: two buttons, because Android's picker has no camera and its camera button has no picker; and a sheet for each photo. */
import { useRef, useState } from 'preact/hooks'
import { asksForCaption, asksOfPeople, isTakenInTurn, offersPeople } from '../forms/pictures.ts'
import type { Field, Photo } from '../types.ts'
import { Button, LinkButton } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { Later } from '../ui/later.tsx'
import { MovingBar } from '../ui/moving-bar.tsx'
import { Picture } from '../ui/picture.tsx'
import { Undone } from '../ui/undone.tsx'
import { count, words } from '../ui/words.ts'
import { Question } from './question.tsx'
import type { Path, QuestionProps, Sheet } from './sheet.ts'

const MOST = 4
const ANYBODY = 'Anybody in it?'

export function ImageField(props: QuestionProps) {
  const { field, path, sheet } = props
  const [opened, setOpened] = useState<string>()
  const photos = sheet.photos.filter((photo) => photo.field === path)
  const busy = sheet.photosBusy[path] ?? 0
  const trouble = sheet.photoTrouble[path]
  const room = (field.max ?? MOST) - photos.length - busy
  const undone = sheet.removed?.path === path ? sheet.removed : null
  return (
    <>
      <Question {...props} controls="several">
        {(photos.length > 0 || busy > 0 || undone) && (
          <ul class="photos">
            {photos.map((photo, index) => (
              <Kept
                key={photo.id}
                field={field}
                photo={photo}
                number={index + 1}
                sheet={sheet}
                onOpen={() => setOpened(photo.id)}
              />
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
      {opened && photos.some((photo) => photo.id === opened) && (
        <Later
          load={() => import('./photo-sheet.tsx').then((part) => part.PhotoSheet)}
          given={{ field, path, sheet, photoId: opened, onClose: () => setOpened(undefined) }}
        />
      )}
    </>
  )
}

interface KeptProps {
  field: Field
  photo: Photo
  number: number
  sheet: Sheet
  onOpen: () => void
}

function Kept({ field, photo, number, sheet, onOpen }: KeptProps) {
  const hidden = (photo.covered ?? 0) + (photo.covers?.length ?? 0)
  const wanted = wants(field, photo)
  const offer = wanted ?? (offersPeople(field) && !photo.about?.person ? ANYBODY : 'Look, cover')
  return (
    <li>
      <div class="photo">
        <Picture bytes={photo.thumbnail} alt={`Photo ${number}`} />
        <button type="button" class="photo-open" aria-label={`Open photo ${number}`} onClick={onOpen} />
      </div>
      <Said field={field} photo={photo} />
      {hidden > 0 && <p class="photo-said">{count(hidden, 'place')} covered</p>}
      {wanted === ANYBODY ? (
        <AnybodyInIt
          number={number}
          onNo={() => sheet.describePhoto(photo, { person: 'no' })}
          onYes={onOpen}
        />
      ) : (
        <LinkButton icon={wanted ? 'circle-alert' : 'eye'} label={`${offer} photo ${number}`} onPress={onOpen}>
          {offer}
        </LinkButton>
      )}
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

/** CH5, asked where it costs one tap: No is the whole answer, and Yes opens the photo to say who and why. */
function AnybodyInIt({ number, onNo, onYes }: { number: number; onNo: () => unknown; onYes: () => unknown }) {
  return (
    <div class="photo-asks" role="group" aria-label={`Anybody in photo ${number}?`}>
      <p class="photo-said">{ANYBODY}</p>
      <Button onPress={onNo}>No</Button>
      <Button onPress={onYes}>Yes</Button>
    </div>
  )
}

function Said({ field, photo: { about } }: { field: Field; photo: Photo }) {
  const shows = field.choices?.find((choice) => choice.name === about?.shows)?.label
  const said = [shows, asksForCaption(field) && about?.caption].filter(Boolean).join(': ')
  const nobody = about?.person === 'no' && 'Nobody in it'
  const lines = [said, nobody].filter(Boolean)
  return lines.length > 0 ? <p class="photo-said">{lines.join('. ')}</p> : null
}

/** What the form still asks of this photo. */
function wants(field: Field, { about }: Photo): string | null {
  if (field.choices && !about?.shows && !isTakenInTurn(field)) return 'What is it?'
  if (about?.person === 'under_18') return 'Cover them'
  if (asksOfPeople(field) && !about?.person) return ANYBODY
  if (about?.person === 'adult' && !about.person_reason) return 'Why them?'
  return null
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
