/** Once more before a notice is given: what it says, and the button that gives it in another place than the one before. */
import type { Issue } from '../types.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { Notice } from '../ui/notice.tsx'
import { Frame } from './frame.tsx'
import type { OpenDraft } from './open-draft.ts'

interface Props {
  open: OpenDraft
  issue: Issue
  onBack: () => unknown
  onIssue: () => unknown
}

export function IssueSheet({ open, issue, onBack, onIssue }: Props) {
  const missing = issue.must.filter((name) => ![issue.number, issue.at].includes(name) && !open.wordsOf(name))
  return (
    <Frame
      title={`Give this ${issue.title.toLowerCase()}?`}
      formOpen
      bottom={
        <Button kind="large" class="wide" icon="arrow-left" onPress={onBack}>
          Go back
        </Button>
      }
    >
      <dl class="facts-list in-short">
        {issue.shows.map((name) => (
          <div key={name}>
            <dt>{open.labelOf(name)}</dt>
            <dd>{open.wordsOf(name)}</dd>
          </div>
        ))}
      </dl>
      {missing.length > 0 ? (
        <Notice tone="attention" icon="hand" title="It cannot be given yet">
          The law wants it to say: {missing.map((name) => open.labelOf(name).toLowerCase()).join(', ')}. Ring the
          office, or give a warning instead.
        </Notice>
      ) : (
        <p class="issue-it">
          <Button kind="primary" icon="check" onPress={onIssue}>
            {open.says(issue.sure)}
          </Button>
          <span class="quiet">After this it cannot be changed. Never take money.</span>
        </p>
      )}
      {open.failure && (
        <p class="says tone-bad" role="alert">
          <Icon name="triangle-alert" />
          {open.failure}
        </p>
      )}
    </Frame>
  )
}
