/** Builds the phone's half of Beatbook: hashed assets, one page, and a service worker that knows exactly which files make a version. */
import { defineConfig } from 'vite'
import product from './package.json' with { type: 'json' }

export default defineConfig({
  define: { __APP_VERSION__: JSON.stringify(product.version) },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: { target: 'safari16.4', modulePreload: { polyfill: false } },
})
