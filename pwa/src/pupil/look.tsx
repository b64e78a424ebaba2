/** Behind the PIN: a grown-up looks at what classes of this school drew on this tablet, one picture after the other. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { reportTrouble } from '../app/trouble.tsx'
import { useStored } from '../app/stored.ts'
import { approve, drawnFor, sketchOf } from '../studio/designs.ts'
import { classNamed } from '../studio/class.tsx'
import { Picture } from '../studio/picture.tsx'
import { Icon } from '../ui/icons.tsx'
import { usePress } from '../ui/press.ts'
import type { Joined } from '../store/patrols.ts'

export function LookAtPictures({ patrol, onDone }: { patrol: Joined; onDone: () => unknown }) {
  const [later, setLater] = useState<string[]>([])
  const found = useStored(() => drawnFor(patrol.school), [patrol.school])
  const draft = found?.find((one) => !later.includes(one.instanceId))
  const room = useStored(async () => (draft ? classNamed(String(draft.answers['made_by'])) : null), [draft?.instanceId])
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  useEffect(() => {
    if (found && !draft) onDone()
  }, [found, draft])
  const use = usePress(() => draft && approve(draft, patrol.patrolId).catch(reportTrouble))
  const leave = usePress(() => draft && setLater([...later, draft.instanceId]))
  if (!draft) return null
  return (
    <div class="hand-in look">
      <main>
        <h1 ref={heading} tabIndex={-1}>
          Is this fit for tickets?
        </h1>
        <div class="look-picture">
          <Picture sketch={sketchOf(draft)} label={`Picture by ${room?.label ?? 'a class'}`} />
        </div>
        <section class="for-adults">
          <p>
            Made by: {room?.label ?? ''}. It is fit when no name, no person and no number plate can be read in it.
          </p>
          <div class="hand-in-buttons">
            <button type="button" class="grown-up primary" onClick={use}>
              <Icon name="check" />
              Use it for tickets
            </button>
            <button type="button" class="grown-up" onClick={leave}>
              <Icon name="arrow-right" />
              Not now
            </button>
          </div>
        </section>
      </main>
    </div>
  )
}
