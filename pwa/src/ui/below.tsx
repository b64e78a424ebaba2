/** What stands between a question and its answer: the hint, and what is wrong. */
import { Icon } from './icons.tsx'

interface Props {
  id: string
  hint?: string | undefined
  problem?: string | undefined
}

export function Below({ id, hint, problem }: Props) {
  return (
    <>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {problem && (
        <p class="problem" id={`${id}-problem`}>
          <Icon name="circle-alert" />
          <span>
            <span class="hidden-words">Problem: </span>
            {problem}
          </span>
        </p>
      )}
    </>
  )
}

/** For `aria-describedby` of the question that it stands below. */
export function describedBy({ id, hint, problem }: Props): string | undefined {
  return [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ') || undefined
}
