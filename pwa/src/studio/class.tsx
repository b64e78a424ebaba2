/** Which class is at the tablet: picked from lists, so that nobody types anything, and forgotten when they leave. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { useStored } from '../app/stored.ts'
import { list } from '../store/index.ts'
import type { Device } from '../types.ts'
import { Icon } from '../ui/icons.tsx'
import { StickerPicture } from './picture.tsx'
import { Room } from './room.tsx'
import { stickers } from './sketch.ts'
import { Tile } from './tile.tsx'
import { say } from './words.ts'

export interface SchoolClass {
  name: string
  label: string
  school: string
  schoolLabel: string
}

export function ChooseClass({ owner, title, onChosen }: { owner: Device; title: string; onChosen: (name: string) => void }) {
  const [picked, setPicked] = useState(owner.school ?? null)
  const all = useStored(classes)
  if (!all) return null
  const schools = [...new Map(all.map((one) => [one.school, one.schoolLabel]))]
  const school = picked ?? (schools.length === 1 ? schools[0]![0] : null)
  if (all.length === 0)
    return (
      <Room title={say.noClasses} back="/" help={say.noClassesHelp}>
        {null}
      </Room>
    )
  if (school === null)
    return (
      <Room title={title} back="/" help={say.whichSchool}>
        <Choices options={schools} onPick={setPicked} picture={() => <Icon name="school" />} />
      </Room>
    )
  const here = all.filter((one) => one.school === school).map((one): [string, string] => [one.name, one.label])
  return (
    <Room title={title} back={picked === (owner.school ?? null) ? '/' : () => setPicked(null)} help={say.whichClass}>
      <Choices options={here} onPick={onChosen} picture={(at) => <StickerPicture name={emblems[at % emblems.length]!} />} />
    </Room>
  )
}

/** Every class of every school that this tablet knows. */
export async function classes(): Promise<SchoolClass[]> {
  const [rows, schools] = await Promise.all([list('school_classes'), list('schools')])
  const labels = new Map(schools.map((row) => [row['name'], row['label'] ?? '']))
  return rows.map(({ name = '', label = '', school = '' }) => ({ name, label, school, schoolLabel: labels.get(school) ?? school }))
}

export async function classNamed(name: string): Promise<SchoolClass | null> {
  return (await classes()).find((one) => one.name === name) ?? null
}

/** A picture for each class, so that those who read slowly find theirs again. */
const emblems = Object.keys(stickers)

interface ChoicesProps {
  options: [string, string][]
  onPick: (name: string) => void
  picture: (at: number) => ComponentChildren
}

function Choices({ options, onPick, picture }: ChoicesProps) {
  return (
    <ul class="tiles-128">
      {options.map(([name, label], at) => (
        <li key={name}>
          <Tile words={label} onPress={() => onPick(name)}>
            {picture(at)}
          </Tile>
        </li>
      ))}
    </ul>
  )
}
