/** What is still missing, said at the top, each line a way to the question. */
import type { RefObject } from 'preact'
import { LinkButton } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { count } from '../ui/words.ts'

interface Props {
  box: RefObject<HTMLDivElement | null>
  problems: { path: string; message: string }[]
  onGo: (path: string) => void
}

export function ErrorSummary({ box, problems, onGo }: Props) {
  if (problems.length === 0) return null
  return (
    <div class="error-summary" ref={box} tabIndex={-1} role="group" aria-labelledby="error-summary-title">
      <h2 id="error-summary-title"><Icon name="circle-alert" />{count(problems.length, 'thing')} to put right</h2>
      <ul>
        {problems.map(({ path, message }) => (
          <li key={path}><LinkButton onPress={() => onGo(path)}>{message}</LinkButton></li>
        ))}
      </ul>
    </div>
  )
}
