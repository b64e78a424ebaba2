/** Opens the app without a network: holds exactly the files of one version, and touches nothing else of the origin. */

const worker = self as unknown as ServiceWorkerGlobalScope

// The build puts the list and its hash here; see vite.config.ts.
declare const __SHELL__: { version: string; files: string[] }

const shell = __SHELL__
const PREFIX = 'beatbook-shell-'
const CACHE = PREFIX + shell.version
const LEDGER = 'beatbook-shells' // which version ran last, so that its files outlive the change for tabs still open
const PAGE = '/'

worker.addEventListener('install', (event) => event.waitUntil(install()))
worker.addEventListener('activate', (event) => event.waitUntil(activate()))

worker.addEventListener('fetch', (event) => {
  const { request } = event
  const address = new URL(request.url)
  if (request.method !== 'GET' || address.origin !== worker.location.origin) return
  if (address.pathname.startsWith('/api/') || address.pathname.startsWith('/desk/')) return
  if (request.mode === 'navigate') {
    if (address.pathname === PAGE) event.respondWith(page(request))
  } else if (shell.files.includes(address.pathname) || address.pathname.startsWith('/assets/')) {
    event.respondWith(file(request, address.pathname))
  }
})

worker.addEventListener('message', (event) => {
  if (event.data === 'SKIP_WAITING') void worker.skipWaiting()
})

// TypeScript does not know Background Sync; its event waits as the others do.
worker.addEventListener('sync' as 'activate', (event) => event.waitUntil(wakeWindows()))

/** All or nothing: one file that is not there leaves the version before in charge. */
async function install(): Promise<void> {
  const cache = await caches.open(CACHE)
  await Promise.all(
    shell.files.map(async (path) => {
      const response = await fetch(new Request(path, { cache: 'reload', credentials: 'same-origin' }))
      if (response.status !== 200 || response.redirected) throw new Error(`${path} answered ${response.status}`)
      await cache.put(path, response)
    }),
  )
}

async function activate(): Promise<void> {
  const ledger = await caches.open(LEDGER)
  const last = await (await ledger.match('/last'))?.text()
  const kept = new Set([CACHE, last ? PREFIX + last : CACHE])
  for (const name of await caches.keys()) if (name.startsWith(PREFIX) && !kept.has(name)) await caches.delete(name)
  await ledger.put('/last', new Response(shell.version))
  await worker.clients.claim() // so that a first visit can go offline without a second one
}

async function page(request: Request): Promise<Response> {
  return (await (await caches.open(CACHE)).match(PAGE)) ?? fetch(request)
}

/** From this version, else from the one before, else from the network. */
async function file(request: Request, path: string): Promise<Response> {
  const own = await (await caches.open(CACHE)).match(path)
  return own ?? (await caches.match(path)) ?? fetch(request)
}

/** The sender lives in the window, where its lock is sound; with none open the next start sends. */
async function wakeWindows(): Promise<void> {
  for (const client of await worker.clients.matchAll({ type: 'window', includeUncontrolled: true }))
    client.postMessage('send')
}

export {} // a module of its own, so that its names are not everybody's
