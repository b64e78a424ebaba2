/** Begins a record as soon as its form is on this phone: where a link to a form leads. */
import { useEffect } from 'preact/hooks'
import { form as formOf } from '../store/index.ts'
import { MovingBar } from '../ui/moving-bar.tsx'
import { Frame } from './frame.tsx'
import { ownScreens } from './home.tsx'
import { OpenDraft } from './open-draft.ts'
import { goInstead } from './route.ts'
import { useStored } from './stored.ts'
import { reportTrouble } from './trouble.tsx'

export function Begin({ formId }: { formId: string }) {
  const form = useStored(() => formOf(formId), [formId])
  useEffect(() => {
    if (!form) return
    const screen = ownScreens[formId]
    if (screen) goInstead(screen)
    else OpenDraft.begin(form).then((instanceId) => goInstead(`/form/${instanceId}`), reportTrouble)
  }, [form?.version])
  return (
    <Frame title="Opening">
      <MovingBar words="Waiting for the form" />
    </Frame>
  )
}
