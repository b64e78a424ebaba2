/** One record: its photos on the stage, the next one's fetched ahead, and a button to print it. */
import { take } from './_stage.ts'

take(document.querySelector<HTMLElement>('[data-case]') ?? document.body)
fetchNext()
preparePrinting()

/** Only the picture: opening the record is what is logged. */
function fetchNext(): void {
  const place = document.querySelector<HTMLElement>('[data-next]')
  if (place?.dataset.next) new Image().src = place.dataset.next
}

function preparePrinting(): void {
  const button = document.querySelector<HTMLButtonElement>('[data-print]')
  if (!button) return
  button.hidden = false
  button.addEventListener('click', () => {
    for (const figure of document.querySelectorAll<HTMLElement>('[data-photo]')) figure.hidden = false
    window.print()
  })
}
