/** Printing from a tablet, also with no signal: the pages are made here and go to whatever printer the tablet knows. */
import { useStored } from '../app/stored.ts'
import { Room } from '../studio/room.tsx'
import { classes } from '../studio/class.tsx'
import { approvedDesigns } from '../studio/designs.ts'
import { say } from '../studio/words.ts'
import type { Device } from '../types.ts'
import { Printer } from './printer.tsx'

export default function Paper({ route: [, asked], owner }: { route: string[]; owner: Device }) {
  const all = useStored(classes)
  const school = asked ?? owner.school ?? all?.[0]?.school
  const designs = useStored(async () => (school ? approvedDesigns(school) : []), [school])
  if (!all || !designs) return null
  const here = all.filter((one) => one.school === school)
  return (
    <Room title={say.print} back={() => history.back()}>
      <Printer supplies={{ school: here[0]?.schoolLabel ?? 'our school', classes: here, designs }} />
    </Room>
  )
}
