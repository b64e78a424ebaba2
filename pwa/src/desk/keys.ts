/** Keys for people who review eighty records before lunch. A key presses what carries its name in `data-key`, so that nothing can be
 * done by a key that cannot be seen and pressed; G and a letter follow what carries it in `data-go`. Everything works without this file. */
import { Button, createAll, ErrorSummary, ServiceNavigation, SkipLink } from 'govuk-frontend'

const COOKIE = 'beatbook_keys'
const A_YEAR = 365 * 24 * 60 * 60 // seconds
const GO = 1500 // ms in which the letter after G counts
const body = document.body
let goes = 0 // when G was pressed

body.classList.add('scripted', 'js-enabled', 'govuk-frontend-supported')
document.addEventListener('keydown', onKey)
for (const component of [Button, ErrorSummary, ServiceNavigation, SkipLink]) createAll(component)
prepareHelp()
prepareCopying()

function onKey(event: KeyboardEvent): void {
  if (event.key === 'Escape') closePanels()
  if (body.dataset.keys !== 'on' || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.defaultPrevented || isTyping(event.target) || document.querySelector('dialog[open]')) return
  const key = event.key.toLowerCase()
  if (go(key) || step(key) || search(key) || help(key) || press(key)) event.preventDefault()
}

/** G and a letter lead to a place of the desk. */
function go(key: string): boolean {
  const isSecond = performance.now() - goes < GO && goes > 0
  goes = !isSecond && key === 'g' ? performance.now() : 0
  if (!isSecond) return key === 'g'
  const place = document.querySelector<HTMLElement>(`[data-go="${CSS.escape(key)}"]`)
  place?.click()
  return place !== null
}

/** J and K walk the rows of a list. */
function step(key: string): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')]
  if (rows.length === 0 || (key !== 'j' && key !== 'k')) return false
  const at = rows.findIndex((row) => row === document.activeElement)
  const next = rows[at < 0 ? 0 : Math.min(Math.max(at + (key === 'j' ? 1 : -1), 0), rows.length - 1)]
  next?.focus()
  next?.closest('tr')?.scrollIntoView({ block: 'nearest' })
  return true
}

function search(key: string): boolean {
  const field = document.querySelector<HTMLInputElement>('[data-search]')
  if (key !== '/' || !field || !isShown(field)) return false
  field.focus()
  field.select()
  return true
}

function press(key: string): boolean {
  const found = [...document.querySelectorAll<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)].filter(isShown)[0]
  if (!found) return false
  if (found.dataset.needsLook !== undefined && body.dataset.looked !== 'yes') {
    announce('Look first: the photo is only just here.')
    return true
  }
  found.click()
  if (found instanceof HTMLInputElement) found.focus()
  if (found.tagName === 'SUMMARY') openPanel(found)
  return true
}

/** A panel that was opened by its key is ready for the number of a reason, or for words, before the next key comes. */
function openPanel(summary: HTMLElement): void {
  const first = summary.parentElement?.querySelector<HTMLElement>('input[type=radio], textarea, input[type=text]')
  first?.focus({ preventScroll: true })
}

function closePanels(): void {
  for (const panel of document.querySelectorAll('details.decide[open]')) {
    panel.removeAttribute('open')
    panel.querySelector('summary')?.focus()
  }
}

function help(key: string): boolean {
  const panel = document.querySelector<HTMLDetailsElement>('[data-keys-help]')
  if (key !== '?' || !panel) return false
  panel.open = true
  panel.scrollIntoView({ block: 'end' })
  panel.querySelector('summary')?.focus()
  return true
}

/** Single keys get in the way of some who speak to their computer, so they can be switched off, and stay off. */
function prepareHelp(): void {
  const panel = document.querySelector<HTMLElement>('[data-keys-help]')
  const button = panel?.querySelector<HTMLElement>('[data-keys-switch]')
  const word = panel?.querySelector('[data-keys-word]')
  if (!panel || !button || !word) return
  panel.hidden = false
  button.addEventListener('click', () => {
    body.dataset.keys = body.dataset.keys === 'on' ? 'off' : 'on'
    const on = body.dataset.keys === 'on'
    const secure = location.protocol === 'https:' ? '; Secure' : ''
    document.cookie = `${COOKIE}=${on ? 'on' : 'off'}; Path=/desk; Max-Age=${A_YEAR}; SameSite=Strict${secure}`
    word.textContent = on ? 'on' : 'off'
    button.textContent = on ? 'Turn shortcuts off' : 'Turn shortcuts on'
  })
}

function prepareCopying(): void {
  const button = document.querySelector<HTMLButtonElement>('[data-copy]')
  const source = document.querySelector('[data-copy-from]')
  if (!button || !source || !navigator.clipboard) return
  button.hidden = false
  button.addEventListener('click', async () => {
    const lines = [...source.querySelectorAll('div')].map(
      (line) => `${line.querySelector('dt')?.textContent}: ${line.querySelector('dd')?.textContent}`,
    )
    try {
      await navigator.clipboard.writeText(lines.join('\n'))
      button.textContent = 'Copied'
    } catch {
      button.textContent = 'Not copied: select it and copy it by hand'
    }
  })
}

function announce(words: string): void {
  const place = document.querySelector('[data-announce]')
  if (!place) return
  place.textContent = words
  setTimeout(() => {
    place.textContent = ''
  }, 2500)
}

function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return target.type !== 'radio' && target.type !== 'checkbox'
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}

function isShown(element: HTMLElement): boolean {
  return element.checkVisibility()
}
