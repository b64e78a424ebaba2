/** Putting Beatbook on the home screen: by a button where the browser offers one, by pictures where it does not. */

interface InstallPrompt extends Event {
  prompt: () => Promise<void>
  userChoice: Promise<{ outcome: 'accepted' | 'dismissed' }>
}

let offered: InstallPrompt | null = null
const listeners = new Set<() => void>()

/** Must run before the first screen: the browser offers once, early. */
export function listenForInstall(): void {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault()
    offered = event as InstallPrompt
    tell()
  })
  addEventListener('appinstalled', () => {
    offered = null
    tell()
  })
}

export function canInstall(): boolean {
  return offered !== null
}

export function onInstallChange(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export async function install(): Promise<boolean> {
  if (!offered) return false
  await offered.prompt()
  const { outcome } = await offered.userChoice
  offered = null // a prompt can be shown once only
  tell()
  return outcome === 'accepted'
}

/** Opened from its own icon, not in a browser's tab. */
export function isInstalled(): boolean {
  return (
    matchMedia('(display-mode: standalone), (display-mode: fullscreen)').matches ||
    ('standalone' in navigator && navigator.standalone === true)
  )
}

/** iPads say they are Macs; no Mac has a touch screen. */
export function isApple(): boolean {
  return (
    /iPhone|iPad|iPod/.test(navigator.userAgent) ||
    (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1)
  )
}

function tell(): void {
  for (const listener of listeners) listener()
}
