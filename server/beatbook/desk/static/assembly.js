/** The assembly's screen: space, a tap or an arrow shows the next slide. Without this file all of them stand below one another. */
const main = document.querySelector('[data-assembly]')
const slides = [...main.querySelectorAll('[data-slide]')]
let at = 0

main.classList.add('stepping')
main.setAttribute('aria-live', 'polite')
show(0)
main.addEventListener('click', () => show(at + 1))
document.addEventListener('keydown', (event) => {
  if (event.target.closest('a, button')) return
  const step = { ' ': 1, ArrowRight: 1, PageDown: 1, Enter: 1, ArrowLeft: -1, PageUp: -1 }[event.key]
  if (step === undefined) return
  event.preventDefault()
  show(at + step)
})

function show(wanted) {
  at = Math.min(slides.length - 1, Math.max(0, wanted))
  slides.forEach((slide, number) => slide.classList.toggle('is-on', number === at))
}
