/** What the try to finish found, at the top; each line leads to its question and says when it has been put right. */
import type { RefObject } from 'preact'
import type { Path } from '../fields/sheet.ts'
import { LinkButton } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { count } from '../ui/words.ts'

interface Props {
  box: RefObject<HTMLDivElement | null>
  found: { path: Path; message: string }[]
  problems: Record<Path, string>
  onGo: (path: Path) => void
}

export function ErrorSummary({ box, found, problems, onGo }: Props) {
  if (found.length === 0) return null
  const left = found.filter(({ path }) => path in problems).length
  return (
    <div
      class={`error-summary ${left ? '' : 'all-right'}`}
      ref={box}
      tabIndex={-1}
      role="group"
      aria-labelledby="error-summary-title"
    >
      <h2 id="error-summary-title">
        <Icon name={left ? 'circle-alert' : 'circle-check'} />
        {left ? `${count(left, 'thing')} to put right` : 'All put right'}
      </h2>
      <ul>
        {found.map(({ path, message }) => (
          <li key={path}>
            {path in problems ? (
              <LinkButton onPress={() => onGo(path)}>{problems[path]}</LinkButton>
            ) : (
              <p class="put-right">
                <Icon name="check" />
                <span>
                  <span class="hidden-words">Put right: </span>
                  {message}
                </span>
              </p>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}
