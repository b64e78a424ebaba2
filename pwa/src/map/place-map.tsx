/** A map to place a pin on: a tap puts it there, arrows move it. The National Grid is drawn on whatever else there is, or on nothing. */
import './let-leaflet-look.ts'
import { Circle, DivIcon, GridLayer, Map as LeafletMap, Marker } from 'leaflet/dist/leaflet-src.esm.js'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Degrees } from '../fromgrid.ts'
import { toGridRef } from '../gridref.ts'
import { wayTo, type Place } from '../places.ts'
import type { Location } from '../types.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { iconPaths } from '../ui/icon-paths.ts'
import { Over } from '../ui/over.tsx'
import { drawGrid, drawPlaces, type TileAt } from './grid-lines.ts'
import { metresAPixel, roundMetres, TILE } from './mercator.ts'
import { mapPictures, type MapPictures } from './pictures.ts'
import '../style/map.css'

const CLOSE = 17 // zoom at which 100 m are 130 pixels
const DISTRICT = 13
const COUNTRY = 6
const FINGER = 8 // pixels: what a fingertip hits, and what one press of an arrow moves
const BRITAIN: Degrees = { latitude: 52.8, longitude: -1.6 }
const METRES_A_DEGREE = 111_320

interface Props {
  places: Place[]
  here: Location | null
  chosen: Location | null
  onChoose: (pin: Place) => void
  onBack: () => void
}

export function PlaceMap({ places, here, chosen, onChoose, onBack }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const map = useRef<Drawn | null>(null)
  const [pin, setPin] = useState<Degrees | null>(chosen ?? here)
  const [zoom, setZoom] = useState(pin ? CLOSE : places.length > 0 ? DISTRICT : COUNTRY)
  const [credit, setCredit] = useState('')
  const [missing, setMissing] = useState(false)
  useEffect(() => {
    const start = pin ?? places[0] ?? BRITAIN
    const drawn = new Drawn(box.current!, start, zoom, places)
    map.current = drawn
    drawn.onTap = setPin
    drawn.onZoom = setZoom
    if (here) drawn.showHere(here)
    let wanted = true
    void mapPictures().then((pictures) => {
      if (!wanted || !pictures) return
      drawn.showPictures(pictures)
      setCredit(pictures.credit)
    })
    return () => {
      wanted = false
      drawn.remove()
    }
  }, [])
  useEffect(() => {
    if (pin) map.current?.showPin(pin)
  }, [pin])
  const step = roundMetres(metresAPixel(pin?.latitude ?? BRITAIN.latitude, zoom) * FINGER)
  const nudge = (east: number, north: number) => {
    const from = pin ?? map.current!.middle()
    const moved = {
      latitude: rounded(from.latitude + (north * step) / METRES_A_DEGREE),
      longitude: rounded(
        from.longitude + (east * step) / (METRES_A_DEGREE * Math.cos((from.latitude * Math.PI) / 180)),
      ),
    }
    setPin(moved)
    map.current!.keepInView(moved)
  }
  const use = () => {
    if (!pin) return setMissing(true)
    onChoose({
      latitude: rounded(pin.latitude),
      longitude: rounded(pin.longitude),
      title: '',
      icon: 'map-pin',
      reach: step,
    })
  }
  return (
    <Over
      title="Place on the map"
      full
      onClose={onBack}
      bottom={
        <Button kind="primary" icon="check" onPress={use}>
          Use this place
        </Button>
      }
    >
      <div class="map-view">
        <div class="map" ref={box} role="application" aria-label="Map. Tap to put the pin; the arrows below move it." />
        <div class="map-buttons">
          <Button icon="plus" label="Closer" onPress={() => map.current!.zoomIn()} />
          <Button icon="minus" label="Further away" onPress={() => map.current!.zoomOut()} />
          {here && <Button icon="locate-fixed" label="Where I am" onPress={() => map.current!.goTo(here)} />}
        </div>
        {credit && <p class="map-credit">{credit}</p>}
      </div>
      <div class="map-pad">
        <p class={missing && !pin ? 'problem' : ''} role="status">
          {pin ? (
            <>
              <strong>
                {toGridRef(pin.latitude, pin.longitude) ?? `${pin.latitude.toFixed(5)}, ${pin.longitude.toFixed(5)}`}
              </strong>
              {here && <span class="quiet">{fromYou(here, pin)}</span>}
            </>
          ) : (
            'Tap the map where it was.'
          )}
        </p>
        <div class="map-arrows">
          <Arrow icon="arrow-left" label={`Move west ${step} m`} onMove={() => nudge(-1, 0)} />
          <Arrow icon="arrow-up" label={`Move north ${step} m`} onMove={() => nudge(0, 1)} />
          <Arrow icon="arrow-down" label={`Move south ${step} m`} onMove={() => nudge(0, -1)} />
          <Arrow icon="arrow-right" label={`Move east ${step} m`} onMove={() => nudge(1, 0)} />
          <span class="quiet">{step >= 1000 ? `${step / 1000} km` : `${step} m`} a press</span>
        </div>
      </div>
    </Over>
  )
}

/** Not deaf to quick presses, as other buttons are: five in a second are meant. */
function Arrow({ icon, label, onMove }: { icon: string; label: string; onMove: () => void }) {
  return (
    <button type="button" class="button" aria-label={label} onClick={onMove}>
      <Icon name={icon} />
    </button>
  )
}

/** Everything Leaflet does for us, in our words. */
class Drawn {
  onTap: (spot: Degrees) => void = () => undefined
  onZoom: (zoom: number) => void = () => undefined
  private readonly map: LeafletMap
  private readonly tiles: GridLayer
  private readonly places: Place[]
  private readonly watching: ResizeObserver
  private pictures: MapPictures | null = null
  private pin: Marker | null = null

  constructor(box: HTMLElement, start: Degrees, zoom: number, places: Place[]) {
    this.places = places
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    this.map = new LeafletMap(box, {
      zoomControl: false, // ours are larger, and need no HTML in strings
      attributionControl: false,
      fadeAnimation: false,
      zoomAnimation: !still,
      minZoom: 5,
      maxZoom: 19,
    }).setView([start.latitude, start.longitude], zoom)
    this.tiles = new GridLayer({ tileSize: TILE, keepBuffer: 1 })
    this.tiles.createTile = (at, done) => {
      const canvas = document.createElement('canvas')
      void this.paint(canvas, at).then(
        () => done(null, canvas),
        (error: unknown) => done(error, canvas),
      )
      return canvas
    }
    this.tiles.addTo(this.map)
    this.map.on('click', ({ latlng }) => this.onTap({ latitude: rounded(latlng.lat), longitude: rounded(latlng.lng) }))
    this.map.on('zoomend', () => this.onZoom(this.map.getZoom()))
    this.watching = new ResizeObserver(() => this.map.invalidateSize())
    this.watching.observe(box)
  }

  showPictures(pictures: MapPictures): void {
    this.pictures = pictures
    this.tiles.redraw()
  }

  showHere({ latitude, longitude, accuracy: radius }: Location): void {
    const look = { radius, interactive: false, color: '#003f8a', weight: 2, fillColor: '#003f8a', fillOpacity: 0.12 }
    new Circle([latitude, longitude], look).addTo(this.map)
    new Circle([latitude, longitude], { ...look, radius: 1, fillOpacity: 1 }).addTo(this.map)
  }

  showPin({ latitude, longitude }: Degrees): void {
    this.pin ??= new Marker([latitude, longitude], {
      icon: new DivIcon({ html: pinDrawn(), className: 'map-pin', iconSize: [44, 44], iconAnchor: [22, 42] }),
      interactive: false,
      keyboard: false,
    }).addTo(this.map)
    this.pin.setLatLng([latitude, longitude])
  }

  goTo({ latitude, longitude }: Degrees): void {
    this.map.setView([latitude, longitude], CLOSE)
  }

  keepInView({ latitude, longitude }: Degrees): void {
    this.map.panTo([latitude, longitude])
  }

  middle(): Degrees {
    const { lat, lng } = this.map.getCenter()
    return { latitude: lat, longitude: lng }
  }

  zoomIn(): void {
    this.map.zoomIn()
  }

  zoomOut(): void {
    this.map.zoomOut()
  }

  remove(): void {
    this.watching.disconnect()
    this.map.remove()
  }

  private async paint(canvas: HTMLCanvasElement, at: TileAt): Promise<void> {
    const ratio = Math.min(devicePixelRatio || 1, 2)
    canvas.width = canvas.height = TILE * ratio
    const pen = canvas.getContext('2d')!
    pen.scale(ratio, ratio)
    await this.pictures?.draw(pen, at).catch(() => undefined) // a tile that cannot be had is no reason to hide the grid
    drawGrid(pen, at)
    drawPlaces(pen, at, this.places)
  }
}

function pinDrawn(): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  path.setAttribute('d', iconPaths['map-pin']!)
  svg.append(path)
  return svg
}

function fromYou(here: Degrees, pin: Degrees): string {
  const way = wayTo(here, pin)
  return way === 'here' ? 'where you are' : `${way} of you`
}

function rounded(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6 // 11 cm
}
