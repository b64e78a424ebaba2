/** Printing at the desk: the same pages as on a tablet, with what the server put into the page. */
import { render } from 'preact'
import { Printer, type Supplies } from './printer.tsx'

export default function show(place: HTMLElement): void {
  const supplies = JSON.parse(place.dataset['supplies'] ?? '{}') as Supplies
  place.replaceChildren() // the sentence that stood there while this was fetched would be printed too
  render(<Printer supplies={supplies} />, place)
}
