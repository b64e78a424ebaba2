/** The list of records: choosing rows for one decision about all of them, and rows that come in while it is looked at. */
import { piece } from './_fetch.ts'

const form = document.querySelector<HTMLFormElement>('[data-bulk]')
const every = document.querySelector<HTMLInputElement>('[data-pick-every] input')
const all = document.querySelector<HTMLInputElement>('[data-pick-all]')

if (form) prepareChoosing()
prepareArrivals()

function prepareChoosing(): void {
  if (all) {
    all.disabled = false
    all.addEventListener('change', () => {
      for (const box of boxes()) box.checked = all.checked
      sayChosen()
    })
  }
  document.addEventListener('change', (event) => {
    if (event.target instanceof HTMLInputElement && ['pick', 'all'].includes(event.target.name)) sayChosen()
  })
  document.addEventListener('keydown', onKey)
  window.addEventListener('pageshow', sayChosen) // going back, browsers tick what was ticked
  sayChosen()
}

/** X chooses the row that J and K have led to. */
function onKey(event: KeyboardEvent): void {
  if (event.key.toLowerCase() !== 'x' || document.body.dataset.keys !== 'on' || event.ctrlKey || event.metaKey || event.altKey) return
  const box = document.activeElement?.closest('tr')?.querySelector<HTMLInputElement>('input[name=pick]')
  if (!box || document.activeElement === box) return
  box.checked = !box.checked
  event.preventDefault()
  sayChosen()
}

function sayChosen(): void {
  const chosen = boxes().filter((box) => box.checked).length
  const number = document.querySelector('[data-picked]')
  for (const box of boxes()) box.closest('tr')?.classList.toggle('is-chosen', box.checked)
  if (all) {
    all.checked = chosen > 0 && chosen === boxes().length
    all.indeterminate = chosen > 0 && chosen < boxes().length
  }
  form?.classList.toggle('is-idle', chosen === 0 && !every?.checked)
  if (number) number.textContent = every?.checked ? 'All that match:' : chosen === 1 ? '1 chosen:' : `${chosen} chosen:`
}

function boxes(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>('[data-body] input[name=pick]')]
}

// Rows that come in ---------------------------------------------------------------------------------------------------

/** A bar says how many came; pressing it puts them on top. Nothing moves before that. */
function prepareArrivals(): void {
  const place = document.querySelector<HTMLElement>('[data-arrivals]')
  const body = document.querySelector('[data-body]')
  if (!place || 'off' in place.dataset) return
  let waiting: HTMLElement[] = []
  let asking = false
  document.addEventListener('beatbook-arrival', (event) => {
    if (event instanceof CustomEvent && event.detail > Number(place.dataset.arrivals)) void ask()
  })

  async function ask(): Promise<void> {
    if (asking || !place) return
    asking = true
    try {
      const address = new URL(place.dataset.more ?? '', location.href)
      address.searchParams.set('after', place.dataset.arrivals ?? '')
      const page = await piece(address.href)
      waiting = [...page.querySelectorAll<HTMLElement>('tr[data-seq]')]
      draw()
    } catch {
      // The next arrival asks again.
    } finally {
      asking = false
    }
  }

  function draw(): void {
    if (!place) return
    place.replaceChildren()
    if (waiting.length === 0) return
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'button small primary'
    button.textContent = waiting.length === 1 ? 'Show 1 new record' : `Show ${waiting.length} new records`
    button.addEventListener('click', show)
    place.append(button)
  }

  function show(): void {
    if (!place) return
    if (!body) return location.reload() // the list was empty
    const rows = waiting.map((row) => document.adoptNode(row))
    place.dataset.arrivals = String(Math.max(...rows.map((row) => Number(row.dataset.seq))))
    for (const row of rows) row.classList.add('is-new')
    body.prepend(...rows)
    waiting = []
    draw()
    rows[0]?.querySelector<HTMLElement>('[data-row]')?.focus()
    if (form) sayChosen()
  }
}
