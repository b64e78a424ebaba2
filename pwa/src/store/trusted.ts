/** Script addresses under a policy that requires Trusted Types: only our own origin's, checked once here. */

interface Policy {
  createScriptURL(address: string): string
}
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(address: string): string }): Policy
}

/** A script's address in the form this browser wants it, for `new Worker` and `register`. */
export function scriptAddress(address: string): string {
  const own = new URL(address, location.origin)
  if (own.origin !== location.origin) throw new Error(`Not a script of ours: ${own.href}`)
  return policy?.createScriptURL(own.href) ?? own.href
}

const trustedTypes = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes
const policy = trustedTypes?.createPolicy('beatbook', { createScriptURL: (address) => address }) ?? null
