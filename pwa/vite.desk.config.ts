/** Builds the desk's scripts and the design system's styles into dist/desk, from where the server hands them out under /desk/static.
 * Every file of src/desk is an entry of its own and keeps its name; its address changes with its content, see desk/files.py. The
 * phone's service worker never hears of them: they are built after its list was made. */
import { readdirSync } from 'node:fs'
import { defineConfig } from 'vite'

const HERE = 'src/desk'
const entries = readdirSync(HERE).filter((name) => /(?<!\.d)\.(ts|scss)$/.test(name) && !name.startsWith('_'))

export default defineConfig({
  publicDir: false,
  css: { preprocessorOptions: { scss: { style: 'compressed' } } },
  build: {
    outDir: 'dist/desk',
    target: 'safari16.4',
    modulePreload: false,
    assetsInlineLimit: 0,
    cssMinify: false, // Sass has done it; Lightning CSS stumbles over a media query for old browsers
    rolldownOptions: {
      input: entries.map((name) => `${HERE}/${name}`),
      output: {
        entryFileNames: '[name].js',
        chunkFileNames: 'part-[name]-[hash].js',
        assetFileNames: '[name][extname]',
      },
    },
  },
})
