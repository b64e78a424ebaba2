/** Leaflet looks once whether the browser can draw '<svg/>', by a way our policy forbids; it may, with exactly that and nothing else. */
interface TrustedTypes {
  createPolicy(name: 'default', rules: { createHTML(html: string): string | null }): unknown
}

;(globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('default', {
  createHTML: (html) => (html === '<svg/>' ? html : null),
})
