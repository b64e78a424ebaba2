/** Numbers that stay right without a reload. Only the page that is looked at listens: a browser opens six connections to one place, and
 * ten pages in the background must not take them all. Where no stream comes through, everything stays as it was drawn. */

let source: EventSource | undefined

document.addEventListener('visibilitychange', listen)
window.addEventListener('pagehide', () => source?.close())
window.addEventListener('pageshow', listen)
listen()

function listen(): void {
  source?.close()
  source = undefined
  if (document.hidden || !('EventSource' in window)) return
  source = new EventSource('/desk/live')
  source.addEventListener('message', (event: MessageEvent<string>) => {
    const news = JSON.parse(event.data) as { newest: number; waiting: number; emergencies: number }
    show('review', news.waiting)
    show('audit', news.emergencies)
    document.dispatchEvent(new CustomEvent('beatbook-arrival', { detail: news.newest }))
  })
}

function show(place: string, waiting: number): void {
  for (const count of document.querySelectorAll<HTMLElement>(`[data-count=${place}]`)) {
    count.hidden = waiting === 0
    const number = count.querySelector('[data-number]')
    if (number) number.textContent = waiting.toLocaleString('en-GB')
  }
}
