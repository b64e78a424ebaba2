/** Builds the phone's half of Beatbook: hashed assets, one page, and a service worker that knows exactly which files make a version. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig, type Plugin } from 'vite'
import product from './package.json' with { type: 'json' }

const SERVICE_WORKER = 'service-worker.js'
const NAMED_OUTSIDE = ['service-worker', 'desk-paper'] // by browsers and by the desk's pages, so without a hash

/** Writes into the service worker which files make this version, and a version that changes when any of them does. */
function shell(): Plugin {
  return {
    name: 'beatbook-shell',
    apply: 'build',
    writeBundle({ dir }) {
      const folder = dir!
      const worker = join(folder, SERVICE_WORKER)
      const code = readFileSync(worker, 'utf8')
      const files = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name !== SERVICE_WORKER)
        .map((entry) =>
          join(entry.parentPath, entry.name)
            .slice(folder.length + 1)
            .replaceAll('\\', '/'),
        )
        .sort()
      const version = createHash('sha256').update(code)
      for (const file of files) version.update(file).update(readFileSync(join(folder, file)))
      const paths = files.map((file) => (file === 'index.html' ? '/' : `/${file}`))
      const stamp = JSON.stringify({ version: version.digest('hex').slice(0, 12), files: paths })
      if (code.split('__SHELL__').length !== 2)
        throw new Error('the service worker needs exactly one place for its file list')
      writeFileSync(
        worker,
        code.replace('__SHELL__', () => stamp),
      )
    },
  }
}

export default defineConfig({
  define: { __APP_VERSION__: JSON.stringify(product.version) },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [shell()],
  worker: { format: 'es' },
  build: {
    target: 'safari16.4',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // the content security policy allows no data: addresses
    rolldownOptions: {
      input: { app: 'index.html', 'service-worker': 'src/service-worker.ts', 'desk-paper': 'src/desk-paper.ts' },
      output: {
        entryFileNames: (chunk) => (NAMED_OUTSIDE.includes(chunk.name) ? `${chunk.name}.js` : 'assets/[name]-[hash].js'),
      },
    },
  },
})
