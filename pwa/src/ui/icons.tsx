/** Pictograms by the names that forms use; a name we do not draw shows a plain document. */
import { iconPaths } from './icon-paths.ts'

/** Names that Lucide has changed and form writers still know. */
const olderNames: Record<string, string> = {
  'alert-triangle': 'triangle-alert',
  'alert-circle': 'circle-alert',
  home: 'house',
  'more-horizontal': 'ellipsis',
}

export function Icon({ name, class: className = '' }: { name: string | undefined; class?: string }) {
  return (
    <svg class={`icon ${className}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={pathOf(name) ?? iconPaths['file-text']!} />
    </svg>
  )
}

export function hasIcon(name: string | undefined): name is string {
  return pathOf(name) !== undefined
}

function pathOf(name: string | undefined): string | undefined {
  return iconPaths[olderNames[name ?? ''] ?? name ?? '']
}
