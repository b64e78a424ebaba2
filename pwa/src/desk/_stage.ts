/** The photos of a record: one at a time with a film strip, to be turned, brightened and looked into, and a moment to look at before a
 * key may approve. Without this file the photos stand one below the other. */

const LOOK = 700 // ms; a photo that was on the screen for less cannot have been looked at
const PAUSE = 1500 // ms between two looks for a preview that is being made
const TRIES = 40 // a minute; by then it will not come, or the server is busy with hundreds
const STEP = 1.5 // of one press of + or -
const MOST = 8 // times; a preview of 1,600 pixels shows no more beyond that
const LIGHTS = [1, 1.5, 2.2, 0.7]


let current: State | undefined

interface State {
  root: HTMLElement
  figures: HTMLElement[]
  film: HTMLAnchorElement[]
  shown: number
  zoom: number
  turn: number
  light: number
  x: number
  y: number
  timer: number
}

/** Take charge of the photos below `root`. Whoever had them before lets go. */
export function take(root: HTMLElement): void {
  if (current) clearTimeout(current.timer)
  const figures = [...root.querySelectorAll<HTMLElement>('[data-photo]')]
  const film = [...root.querySelectorAll<HTMLAnchorElement>('[data-film]')]
  const state: State = { root, figures, film, shown: 0, zoom: 1, turn: 0, light: 0, x: 50, y: 50, timer: 0 }
  current = state
  if (figures.length > 1) showOnly(state, 0)
  film.forEach((link, at) =>
    link.addEventListener('click', (event) => {
      event.preventDefault()
      showOnly(state, at)
    }),
  )
  for (const empty of root.querySelectorAll<HTMLElement>('[data-awaited]')) void comeIn(state, empty)
  document.body.dataset.looked = 'no'
  void look(state)
}

/** The pictures that a record fetched ahead will show first. */
export function firstPictures(root: ParentNode): HTMLImageElement[] {
  const first = root.querySelector<HTMLImageElement>('[data-stage] img')
  return first ? [first] : []
}

document.addEventListener('keydown', onKey)
document.addEventListener('click', onClick)

function onKey(event: KeyboardEvent): void {
  const state = current
  if (!state || document.body.dataset.keys !== 'on' || event.ctrlKey || event.metaKey || event.altKey) return
  const target = event.target
  if (target instanceof HTMLElement && target.matches('input, textarea, select, [tabindex="0"]')) return
  if (event.key === ' ' && target instanceof HTMLElement && target.matches('button, summary')) return
  if (act(state, event.key)) event.preventDefault()
}

function act(state: State, key: string): boolean {
  switch (key) {
    case 'ArrowRight':
    case 'ArrowLeft':
      if (state.zoom > 1) return move(state, key === 'ArrowRight' ? 15 : -15, 0)
      if (state.figures.length < 2) return false
      showOnly(state, state.shown + (key === 'ArrowRight' ? 1 : -1))
      return true
    case 'ArrowUp':
    case 'ArrowDown':
      return state.zoom > 1 && move(state, 0, key === 'ArrowDown' ? 15 : -15)
    case ' ':
    case 'z':
      return zoomTo(state, state.zoom > 1 ? 1 : full(state))
    case '+':
    case '=':
      return zoomTo(state, state.zoom * STEP)
    case '-':
      return zoomTo(state, state.zoom / STEP)
    case '[':
    case ']':
      state.turn += key === ']' ? 90 : -90
      return draw(state)
    case 'b':
      state.light = (state.light + 1) % LIGHTS.length
      return draw(state)
    default:
      return false
  }
}

/** A click looks into the photo where it was made, and out again. */
function onClick(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('[data-uncover]') : null
  if (link instanceof HTMLAnchorElement) return uncover(event, link)
  const stage = event.target instanceof Element ? event.target.closest('[data-stage]') : null
  if (!current || !(stage instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.shiftKey) return
  event.preventDefault()
  const box = stage.getBoundingClientRect()
  current.x = ((event.clientX - box.left) / box.width) * 100
  current.y = ((event.clientY - box.top) / box.height) * 100
  zoomTo(current, current.zoom > 1 ? 1 : full(current))
}

/** The camera's own file in the place of the copy, and back. Each look at it is written down by the server. */
function uncover(event: MouseEvent, link: HTMLAnchorElement): void {
  const stage = link.closest('[data-photo]')?.querySelector('[data-stage]')
  const image = stage?.querySelector('img')
  if (!(stage instanceof HTMLAnchorElement) || !image) return
  event.preventDefault()
  const [words, address] = [link.textContent ?? '', link.getAttribute('href') ?? '']
  link.textContent = link.dataset.uncover ?? ''
  link.dataset.uncover = words
  link.href = stage.getAttribute('href') ?? ''
  stage.href = address
  image.src = address
}

function showOnly(state: State, at: number): void {
  state.shown = (at + state.figures.length) % state.figures.length
  Object.assign(state, { zoom: 1, turn: 0, x: 50, y: 50 })
  state.figures.forEach((figure, index) => {
    figure.hidden = index !== state.shown
  })
  state.film.forEach((link, index) => {
    if (index === state.shown) link.setAttribute('aria-current', 'true')
    else link.removeAttribute('aria-current')
  })
  draw(state)
}

/** How much a photo must grow until one of its pixels is one of the screen. */
function full(state: State): number {
  const image = pictureOf(state)
  if (!image || !image.naturalWidth) return 2
  const fits = Math.min(image.clientWidth / image.naturalWidth, image.clientHeight / image.naturalHeight)
  return Math.max(1.6, 1 / fits)
}

function zoomTo(state: State, zoom: number): boolean {
  state.zoom = Math.min(Math.max(zoom, 1), MOST)
  if (state.zoom === 1) Object.assign(state, { x: 50, y: 50 })
  return draw(state)
}

function move(state: State, x: number, y: number): boolean {
  state.x = Math.min(Math.max(state.x + x, 0), 100)
  state.y = Math.min(Math.max(state.y + y, 0), 100)
  return draw(state)
}

function draw(state: State): boolean {
  const image = pictureOf(state)
  if (!image) return false
  const box = image.parentElement?.getBoundingClientRect()
  const lies = Math.abs(state.turn / 90) % 2 === 1
  const fit = lies && box ? Math.min(box.width / box.height, box.height / box.width) : 1 // turned, it must still fit in
  image.style.transformOrigin = `${state.x}% ${state.y}%`
  image.style.transform = `scale(${state.zoom * fit}) rotate(${state.turn}deg)`
  image.style.filter = state.light ? `brightness(${LIGHTS[state.light]})` : ''
  image.parentElement?.classList.toggle('is-zoomed', state.zoom > 1)
  return true
}

function pictureOf(state: State): HTMLImageElement | null {
  const figure = state.figures[state.shown]
  return figure?.querySelector<HTMLImageElement>('[data-stage] img') ?? null
}

/** A record opened seconds after it arrived: its preview takes the place that is kept for it. */
async function comeIn(state: State, empty: HTMLElement): Promise<void> {
  for (let tries = 0; tries < TRIES && empty.isConnected; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE))
    const image = new Image()
    image.src = empty.dataset.awaited ?? ''
    image.alt = empty.dataset.name ?? ''
    if (await isDrawn(image)) {
      const stage = document.createElement('a')
      stage.className = 'stage'
      stage.href = image.src
      stage.dataset.stage = ''
      stage.append(image)
      empty.replaceWith(stage)
      if (current === state) void look(state)
      return
    }
  }
}

/** The key that approves sleeps until the first photo has been on the screen for a moment, a penalty's for three seconds; the button
 * never does. */
async function look(state: State): Promise<void> {
  const first = state.root.querySelector('[data-awaited], [data-stage] img')
  const isThere = first === null || (first instanceof HTMLImageElement && (await isDrawn(first)))
  if (!isThere || current !== state) return
  const holder = state.root.closest<HTMLElement>('[data-pause]') ?? state.root
  state.timer = window.setTimeout(() => {
    document.body.dataset.looked = 'yes'
  }, Number(holder.dataset.pause ?? LOOK))
}

/** Whether the picture came and can be shown. */
export function isDrawn(image: HTMLImageElement): Promise<boolean> {
  return image.decode().then(
    () => true,
    () => false,
  )
}
