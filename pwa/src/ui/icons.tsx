/** Pictograms by the names that forms use; a name we do not draw shows a plain document. */
import { iconPaths } from './icon-paths.ts'

export function Icon({ name, class: className = '' }: { name: string | undefined; class?: string }) {
  return (
    <svg class={`icon ${className}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={iconPaths[name ?? ''] ?? iconPaths['file-text']!} />
    </svg>
  )
}

export function hasIcon(name: string | undefined): name is string {
  return name !== undefined && name in iconPaths
}
