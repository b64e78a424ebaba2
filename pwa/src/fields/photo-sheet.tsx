/** One photo: to look into, to cover, to put in order, and to say what it shows where the form asks. */
import { useEffect, useState } from 'preact/hooks'
import { asksForCaption, asksOfPeople, LONGEST_CAPTION, offersPeople } from '../forms/pictures.ts'
import type { Choice, Field, Photo, PhotoAbout } from '../types.ts'
import { Button, LinkButton } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { Over } from '../ui/over.tsx'
import { Undone } from '../ui/undone.tsx'
import { count } from '../ui/words.ts'
import { Zoom } from '../ui/zoom.tsx'
import { CoverSheet } from './cover-sheet.tsx'
import type { Path, Sheet } from './sheet.ts'
import '../style/photo-sheet.css'

interface Props {
  field: Field
  path: Path
  sheet: Sheet
  photoId: string
  onClose: () => void
}

export function PhotoSheet({ field, path, sheet, photoId, onClose }: Props) {
  const [covering, setCovering] = useState(false)
  const photos = sheet.photos.filter((photo) => photo.field === path)
  const index = photos.findIndex((photo) => photo.id === photoId)
  const photo = photos[index]
  const bytes = useBytes(sheet, photo)
  if (!photo) return null
  if (covering) return <CoverSheet photo={photo} sheet={sheet} onDone={() => setCovering(false)} />
  const say = (change: PhotoAbout) => sheet.describePhoto(photo, change)
  const remove = async () => {
    onClose()
    await sheet.removePhoto(photo)
  }
  const name = `Photo ${index + 1}`
  return (
    <Over
      title={photos.length > 1 ? `${name} of ${photos.length}` : name}
      onClose={onClose}
      bottom={
        <Button kind="primary" icon="check" onPress={onClose}>
          Done
        </Button>
      }
    >
      <div class="photo-stage">{bytes && <Zoom bytes={bytes} alt={name} />}</div>
      {sheet.removed?.path === path && <Undone what={sheet.removed.what} onUndo={sheet.removed.undo} />}
      <div class="when-chips">
        <Button icon="square" onPress={() => setCovering(true)}>
          {photo.covers?.length ? `${count(photo.covers.length, 'place')} covered` : 'Cover a face or plate'}
        </Button>
        {index > 0 && (
          <Button icon="arrow-left" onPress={() => sheet.movePhoto(photo, -1)}>
            Move earlier
          </Button>
        )}
        {index < photos.length - 1 && (
          <Button icon="arrow-right" onPress={() => sheet.movePhoto(photo, 1)}>
            Move later
          </Button>
        )}
      </div>
      {field.choices && (
        <Pick
          asks="What does it show?"
          name="shows"
          chosen={photo.about?.shows}
          choices={field.choices}
          onPick={(shows) => say({ shows })}
        />
      )}
      {(asksOfPeople(field) || offersPeople(field)) && <People photo={photo} onSay={say} />}
      {asksForCaption(field) && (
        <Line
          asks="Caption"
          hint="Anything the photo does not say by itself."
          value={photo.about?.caption ?? ''}
          limit={LONGEST_CAPTION}
          onSay={(caption) => say({ caption })}
        />
      )}
      {photo.original && (
        <p class="quiet">The camera’s own file is kept too, as it came. Covers are only on this copy.</p>
      )}
      <p class="photo-remove">
        <LinkButton icon="trash-2" kind="danger" onPress={remove}>
          Remove this photo
        </LinkButton>
      </p>
    </Over>
  )
}

const PEOPLE: Choice[] = [
  { name: 'no', label: 'No' },
  { name: 'adult', label: 'Yes, an adult' },
  { name: 'under_18', label: 'Yes, looks under 18' },
]

function People({ photo, onSay }: { photo: Photo; onSay: (change: PhotoAbout) => void }) {
  const person = photo.about?.person
  return (
    <>
      <Pick
        asks="Can you tell who somebody is?"
        name="person"
        chosen={person}
        choices={PEOPLE}
        onPick={(name) => onSay({ person: name as NonNullable<PhotoAbout['person']> })}
      />
      {person === 'under_18' && (
        <Notice tone="attention" icon="circle-alert" title="This photo cannot stay as it is" live>
          Cover them and then answer No, or remove the photo. Nobody who looks under 18 may be seen.
        </Notice>
      )}
      {person === 'adult' && (
        <Line
          asks="Why is a person in it?"
          value={photo.about?.person_reason ?? ''}
          limit={LONGEST_CAPTION}
          onSay={(reason) => onSay({ person_reason: reason })}
        />
      )}
    </>
  )
}

interface PickProps {
  asks: string
  name: string
  chosen: string | undefined
  choices: Choice[]
  onPick: (name: string) => void
}

function Pick({ asks, name, chosen, choices, onPick }: PickProps) {
  return (
    <fieldset class="question">
      <legend class="asks">{asks}</legend>
      <div class="choices chips-look">
        {choices.map((choice) => (
          <label key={choice.name} class="choice">
            <input
              type="radio"
              name={`photo-${name}`}
              checked={chosen === choice.name}
              onChange={() => onPick(choice.name)}
            />
            <span class="label">{choice.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}

interface LineProps {
  asks: string
  hint?: string
  value: string
  limit: number
  onSay: (text: string) => void
}

function Line({ asks, hint, value, limit, onSay }: LineProps) {
  return (
    <div class="question">
      <label class="asks">
        {asks}
        <input
          class="box"
          type="text"
          autoComplete="off"
          value={value}
          maxLength={limit}
          onInput={(event) => onSay(event.currentTarget.value)}
        />
      </label>
      {hint && <p class="hint">{hint}</p>}
    </div>
  )
}

/** The picture as it is now: another one when something on it was covered. */
function useBytes(sheet: Sheet, photo: Photo | undefined): ArrayBuffer | null {
  const [bytes, setBytes] = useState<ArrayBuffer | null>(null)
  useEffect(() => {
    let wanted = true
    if (photo) void sheet.photoBytes(photo).then((found) => wanted && setBytes(found ?? photo.thumbnail))
    return () => {
      wanted = false
    }
  }, [photo?.id, photo?.sha256])
  return bytes
}
