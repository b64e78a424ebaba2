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
    const news = JSON.parse(event.data) as { newest: number; waiting: number }
    for (const count of document.querySelectorAll<HTMLElement>('[data-count=review]')) {
      count.hidden = news.waiting === 0
      const number = count.querySelector('[data-number]')
      if (number) number.textContent = news.waiting.toLocaleString('en-GB')
    }
    document.dispatchEvent(new CustomEvent('beatbook-arrival', { detail: news.newest }))
  })
}
