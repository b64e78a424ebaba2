/** The review queue: the frozen list of the filter, the next three records fetched ahead with their photos decoded, decisions in the
 * background, and twenty steps back. Without this file every step is a page. */
import { piece, Refused, tell } from './_fetch.ts'
import { firstPictures, isDrawn, take } from './_stage.ts'

const AHEAD = 3 // records; at twelve a minute the third is wanted in a quarter of a minute
const MOST_UNDO = 20
const STILL = 15_000 // ms between two words that this record is still being looked at
const KEPT = 8 // records ahead that stay in memory, and behind as many as can be undone: each is there at once

interface Step {
  id: string
  act: string
}

const holder = document.querySelector<HTMLElement>('[data-queue]')
const fetched = new Map<string, Promise<HTMLElement>>()
const undoable: Step[] = []
const decided = new Map<string, string>() // what was decided here, for the words above
let list: string[] = []
let at = 0
let pending = 0
let begun = 0 // when the key was pressed that asked for the record

if (holder) void begin(holder)

async function begin(holder: HTMLElement): Promise<void> {
  const first = shownCase()
  if (!first) return
  take(first)
  list = [idOf(first)]
  document.addEventListener('submit', onSubmit)
  document.addEventListener('click', onClick)
  document.addEventListener('keydown', (event) => {
    begun = event.timeStamp
  }, { capture: true })
  window.addEventListener('beforeunload', (event) => {
    if (pending > 0) event.preventDefault()
  })
  setInterval(() => void still(), STILL)
  fetched.set(idOf(first), Promise.resolve(first))
  try {
    const answer = await fetch(holder.dataset.queue ?? '', { headers: { Accept: 'application/json' } })
    const known = ((await answer.json()) as { records: string[] }).records
    list = known.includes(idOf(first)) ? known : [idOf(first), ...known]
    at = list.indexOf(idOf(first))
    offerSteps(first)
  } catch {
    say('The list could not be fetched. Each record is a page of its own now.')
    return
  }
  sayPosition()
  fetchAhead()
}

// Stepping ----------------------------------------------------------------------------------------------------------

/** Show the record at a place of the list. */
async function showAt(place: number): Promise<void> {
  const id = list[place]
  if (id === undefined) return end()
  const asked = begun
  at = place
  let next: HTMLElement
  try {
    next = await fetchCase(id)
  } catch (problem) {
    say(`The next record could not be fetched. ${problem instanceof Error ? problem.message : ''}`)
    return
  }
  if (at !== place) return // another step was faster
  for (const panel of next.querySelectorAll('details[open].decide')) panel.removeAttribute('open')
  shownCase()?.replaceWith(next)
  offerUndo(next)
  offerSteps(next)
  take(next)
  document.title = `Review, ${next.dataset.title} – Beatbook`
  history.replaceState(null, '', addressOf(id))
  if (document.activeElement === document.body || !document.activeElement) next.querySelector('h1')?.focus({ preventScroll: true })
  window.scrollTo(0, 0)
  sayPosition()
  measure(next, asked)
  fetchAhead()
  void look(next)
}

/** From the key to the photo on the screen: what `python3 tests/benchmarks queue` prints. */
function measure(shown: HTMLElement, asked: number): void {
  const picture = firstPictures(shown)[0]
  const painted = (): void => {
    requestAnimationFrame(() => {
      const channel = new MessageChannel() // its message comes after the frame was painted
      channel.port1.onmessage = () => performance.measure('beatbook-step', { start: asked, end: performance.now() })
      channel.port2.postMessage(null)
    })
  }
  if (!picture || asked === 0) return
  if (picture.complete) painted()
  else void isDrawn(picture).then(painted)
}

function end(): void {
  at = list.length
  const done = document.createElement('article')
  done.className = 'empty'
  done.dataset.case = ''
  const title = document.createElement('h1')
  title.tabIndex = -1
  title.textContent = 'That was the last one'
  const words = document.createElement('p')
  words.textContent = `You decided about ${decided.size} of ${list.length}.`
  const link = document.createElement('a')
  link.className = 'button'
  link.href = document.querySelector<HTMLAnchorElement>('[data-list]')?.href ?? '/desk/records'
  link.textContent = 'Back to the list'
  const again = document.createElement('p')
  again.append(link)
  if (undoable.length > 0) again.append(' ', undoButton())
  done.append(title, words, again)
  shownCase()?.replaceWith(done)
  title.focus()
  sayPosition()
}

function fetchAhead(): void {
  for (const id of list.slice(at + 1, at + 1 + AHEAD)) void fetchCase(id).catch(() => undefined)
  const near = new Set(list.slice(Math.max(0, at - MOST_UNDO), at + KEPT))
  for (const id of [...fetched.keys()]) if (!near.has(id)) fetched.delete(id)
}

/** A record with its first photo decoded, so that showing it takes no longer than a frame. */
function fetchCase(id: string): Promise<HTMLElement> {
  const known = fetched.get(id)
  if (known) return known
  const coming = piece(addressOf(id, true)).then(async (page) => {
    const found = page.querySelector<HTMLElement>('[data-case]')
    if (!found) throw new Refused(0, 'It is no record.')
    const made = document.adoptNode(found)
    await Promise.all(firstPictures(made).map(isDrawn))
    return made
  })
  fetched.set(id, coming)
  coming.catch(() => fetched.delete(id))
  return coming
}

// Deciding ----------------------------------------------------------------------------------------------------------

function onSubmit(event: SubmitEvent): void {
  const form = event.target
  if (!(form instanceof HTMLFormElement) || !form.closest('[data-case]')) return
  const button = event.submitter
  const act = form.dataset.decision
  if ('undo' in form.dataset) {
    event.preventDefault()
    void undo()
    return
  }
  if (!act || !list[at]) return
  event.preventDefault()
  const fields = new FormData(form)
  if (button instanceof HTMLButtonElement && button.name) fields.set(button.name, button.value)
  const wrong = whatLacks(act, fields)
  if (wrong) {
    say(wrong)
    return
  }
  form.closest('details')?.removeAttribute('open')
  if (act === 'later') return putOff()
  void decide(list[at] ?? '', act, fields, form)
}

/** What the server would say anyway, said before the record leaves the screen. */
function whatLacks(act: string, fields: FormData): string {
  const isSaid = String(fields.get('note') ?? '').trim() !== ''
  const reason = fields.get('reason')
  if ((act === 'hasIssues' || act === 'rejected') && !isSaid && (!reason || reason === 'other'))
    return 'Say why: choose a reason with 1 to 9, or write a note.'
  if (act === 'duplicate' && !fields.get('other')) return 'Choose which record it is a double of.'
  if (act === 'comment' && !String(fields.get('words') ?? '').trim()) return 'Write something first.'
  return ''
}

async function decide(id: string, act: string, fields: FormData, form: HTMLFormElement): Promise<void> {
  const shown = shownCase()
  const title = shown?.dataset.title ?? ''
  const stays = act === 'flag' || act === 'comment'
  say(`${WORDS[act] ?? 'Done'}: ${title}`)
  if (!stays) {
    decided.set(id, act)
    undoable.push({ id, act })
    if (undoable.length > MOST_UNDO) undoable.shift()
  }
  const sent = send(form.action, fields)
  if (!stays) void showAt(nextPlace())
  else form.reset()
  try {
    await learn(id, await sent)
  } catch (problem) {
    bringBack(id, problem instanceof Error ? problem.message : 'It was not taken.')
  }
}

/** A decision that was not taken brings its record back, with the reason. */
function bringBack(id: string, why: string): void {
  decided.delete(id)
  const last = undoable.findLastIndex((step) => step.id === id)
  if (last >= 0) undoable.splice(last, 1)
  fetched.delete(id) // it has changed since it was fetched
  const place = list.indexOf(id)
  if (place < 0) return
  void showAt(place).then(() => say(why, true))
}

function putOff(): void {
  const id = list[at]
  if (id === undefined) return
  say('Later: it comes again at the end.')
  list.splice(at, 1)
  list.push(id)
  void showAt(at < list.length - 1 ? at : list.length - 1)
}

/** Back to the last record decided about, as it was before. What is in memory was fetched before the decision and is shown at once, and
 * nothing replaces it afterwards: the next key may already have opened a panel in it, with words in the making. */
async function undo(): Promise<void> {
  const step = undoable.pop()
  if (!step) {
    say('There is nothing to undo.')
    return
  }
  decided.delete(step.id)
  say('Undone. It waits for a decision again.')
  const fields = new FormData()
  fields.set('act', 'undo')
  const sent = send(addressOf(step.id), fields)
  const place = list.indexOf(step.id)
  const isKnown = fetched.has(step.id)
  if (isKnown && place >= 0) void showAt(place)
  try {
    const answer = await sent
    if (!isKnown && place >= 0) await showAt(place)
    await learn(step.id, answer)
  } catch (problem) {
    decided.set(step.id, step.act)
    sayPosition()
    say(problem instanceof Error ? problem.message : 'It could not be undone.', true)
  }
}

/** A record in memory learns the number of the newest decision about it, which the next one has to name. */
async function learn(id: string, answer: Record<string, unknown>): Promise<void> {
  const known = await fetched.get(id)
  for (const after of known?.querySelectorAll<HTMLInputElement>('input[name=after]') ?? []) after.value = String(answer.decided ?? '')
}

/** The next that was not decided about here. */
function nextPlace(): number {
  const place = list.findIndex((id, index) => index > at && !decided.has(id))
  return place < 0 ? list.length : place
}

let sending: Promise<unknown> = Promise.resolve()

/** One after the other, so that undoing never overtakes what it undoes. */
function send(address: string, fields: FormData): Promise<Record<string, unknown>> {
  pending += 1
  sayPending()
  const sent = sending.then(() => tell(address, fields)).finally(() => {
    pending -= 1
    sayPending()
  })
  sending = sent.catch(() => undefined)
  return sent
}

// Looking -----------------------------------------------------------------------------------------------------------

/** Says that the record is on the screen, which is logged, and learns who else looks at it. */
async function look(shown: HTMLElement): Promise<void> {
  await tellOf(shown, 'look')
}

async function still(): Promise<void> {
  const shown = shownCase()
  if (shown && idOf(shown) && !document.hidden) await tellOf(shown, 'still')
}

async function tellOf(shown: HTMLElement, how: 'look' | 'still'): Promise<void> {
  try {
    const answer = await tell(`/desk/review/${idOf(shown)}/${how}`)
    const others = Array.isArray(answer.others) ? answer.others.map(String) : []
    const mark = shown.querySelector<HTMLElement>('[data-others]')
    const words = shown.querySelector('[data-others-words]')
    if (!mark || !words) return
    mark.hidden = others.length === 0
    words.textContent = `${others.join(' and ')} ${others.length === 1 ? 'is' : 'are'} looking at this`
    if (how === 'look' && Number(answer.decided) > Number(shown.dataset.decided) && !decided.has(idOf(shown)))
      say('Somebody decided about this record meanwhile.', true)
  } catch (problem) {
    if (problem instanceof Refused && problem.status === 401) say(problem.message, true)
  }
}

function onClick(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-step]') : null
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || list.length < 2) return
  event.preventDefault()
  const place = at + Number(link.dataset.step)
  if (place >= 0) void showAt(place)
}

// Words -------------------------------------------------------------------------------------------------------------

const WORDS: Record<string, string> = {
  approved: 'Approved',
  hasIssues: 'Sent back',
  rejected: 'Not accepted',
  duplicate: 'A double',
  flag: 'Flagged',
  comment: 'Commented',
}

function offerUndo(shown: HTMLElement): void {
  const form = shown.querySelector<HTMLElement>('[data-undo]')
  if (form) form.hidden = undoable.length === 0
}

/** What was decided about here is still behind, though the server no longer counts it among those that match. */
function offerSteps(shown: HTMLElement): void {
  for (const link of shown.querySelectorAll<HTMLAnchorElement>('[data-step]')) {
    const id = list[at + Number(link.dataset.step)]
    link.hidden = id === undefined
    if (id !== undefined) link.href = addressOf(id)
  }
}

function undoButton(): HTMLElement {
  const button = document.createElement('button')
  button.className = 'button'
  button.type = 'button'
  button.dataset.key = 'u'
  button.textContent = 'Undo the last'
  button.addEventListener('click', () => void undo())
  return button
}

function sayPosition(): void {
  const place = document.querySelector<HTMLElement>('[data-position]')
  if (!place) return
  place.hidden = false
  place.textContent = `${Math.min(at + 1, list.length)} of ${list.length}`
  const act = decided.get(list[at] ?? '')
  if (act) place.append(`, ${(WORDS[act] ?? 'decided').toLowerCase()} by you`)
}

function sayPending(): void {
  const place = document.querySelector<HTMLElement>('[data-pending]')
  if (!place) return
  place.hidden = pending === 0
  place.textContent = pending === 1 ? '1 decision is on its way' : `${pending} decisions are on their way`
}

function say(words: string, isWrong = false): void {
  const place = document.querySelector<HTMLElement>('[data-said]')
  if (!place) return
  place.textContent = words
  place.classList.toggle('is-wrong', isWrong)
}

function shownCase(): HTMLElement | null {
  return document.querySelector<HTMLElement>('[data-case]')
}

function idOf(shown: HTMLElement): string {
  return shown.dataset.case ?? ''
}

function addressOf(id: string, isPart = false): string {
  const address = new URL((holder?.dataset.one ?? '').replace('/_', `/${id}`), location.href)
  if (isPart) address.searchParams.set('part', '')
  return address.href
}
