/** A file that is being made: its page says how far it is, and saves it by itself when it is ready. Without this file the page loads
 * itself again every few seconds. */
import { piece } from './_fetch.ts'

const EVERY = 700 // ms

void look()

async function look(): Promise<void> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, EVERY))
    const here = document.querySelector<HTMLElement>('[data-taking]')
    if (!here) return
    try {
      const found = (await piece(`${location.pathname}/progress`)).querySelector<HTMLElement>('[data-taking]')
      if (!found) return
      draw(here, document.adoptNode(found))
      const state = here.dataset.taking ?? ''
      if (state === 'ready') here.querySelector<HTMLAnchorElement>('[data-file]')?.click()
      if (['ready', 'stopped', 'failed'].includes(state)) return
    } catch {
      // It is asked again; the file goes on being made.
    }
  }
}

/** Where only the numbers have moved, only these are put in, so that Cancel keeps its focus and nothing is read out twice. */
function draw(here: HTMLElement, found: HTMLElement): void {
  if (here.dataset.taking !== found.dataset.taking) {
    here.replaceChildren(...found.childNodes)
    here.dataset.taking = found.dataset.taking
    return
  }
  for (const part of ['progress', '.taking-far']) {
    const [old, fresh] = [here.querySelector(part), found.querySelector(part)]
    if (old && fresh) old.replaceWith(fresh)
  }
}
