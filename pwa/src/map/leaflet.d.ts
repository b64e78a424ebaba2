/** What we use of Leaflet 1.9.4, which comes without types. */
declare module 'leaflet/dist/leaflet-src.esm.js' {
  export interface LatLng {
    lat: number
    lng: number
  }
  type Spot = [latitude: number, longitude: number]

  export class Map {
    constructor(element: HTMLElement, options: Record<string, unknown>)
    setView(centre: Spot, zoom: number): this
    panTo(centre: Spot): this
    zoomIn(): this
    zoomOut(): this
    getZoom(): number
    getCenter(): LatLng
    on(events: string, handler: (event: { latlng: LatLng }) => void): this
    invalidateSize(): this
    remove(): this
  }

  class Layer {
    addTo(map: Map): this
    remove(): this
  }

  export class GridLayer extends Layer {
    constructor(options?: Record<string, unknown>)
    createTile: (
      tile: { x: number; y: number; z: number },
      done: (error: unknown, tile: HTMLElement) => void,
    ) => HTMLElement
    redraw(): this
  }

  export class Circle extends Layer {
    constructor(centre: Spot, options: Record<string, unknown>)
    setLatLng(centre: Spot): this
    setRadius(metres: number): this
  }

  export class Marker extends Layer {
    constructor(at: Spot, options: Record<string, unknown>)
    setLatLng(at: Spot): this
  }

  export class DivIcon {
    constructor(options: Record<string, unknown>)
  }
}
