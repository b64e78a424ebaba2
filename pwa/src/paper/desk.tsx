/** Printing at the desk: the same pages as on a tablet, with what the server put into the page. */
import { render } from 'preact'
import { Printer, type Supplies } from './printer.tsx'

export default function show(place: HTMLElement): void {
  const supplies = JSON.parse(place.dataset['supplies'] ?? '{}') as Supplies
  render(<Printer supplies={supplies} />, place)
}
