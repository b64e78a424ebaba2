/** The council's map pictures: from this phone when they are on it, else piece by piece from the office while there is a signal. */
import { FetchSource, PMTiles } from 'pmtiles'
import { mapOffer, mapOnPhone, MapPieces } from '../store/map-file.ts'
import type { TileAt } from './grid-lines.ts'
import { TILE } from './mercator.ts'

export interface MapPictures {
  /** Draws the picture of a tile; nothing where there is none. */
  draw: (pen: CanvasRenderingContext2D, tile: TileAt) => Promise<void>
  /** Whose map it is, as its licence wants it said. */
  credit: string
}

/** Null where there is no map to draw, which is no trouble: the grid is always there. */
export async function mapPictures(): Promise<MapPictures | null> {
  const [here, offer] = await Promise.all([mapOnPhone(), mapOffer()])
  const isWhole = here !== null && here.have === here.size
  if (!isWhole && !(offer && navigator.onLine)) return null
  const file = new PMTiles(isWhole ? new MapPieces(here) : new FetchSource(`${location.origin}/api/map`))
  try {
    const { minZoom, maxZoom } = await file.getHeader()
    return { draw: (pen, tile) => draw(file, pen, tile, minZoom, maxZoom), credit: creditOf(await file.getMetadata()) }
  } catch {
    return null
  }
}

/** Beyond the closest picture there is, a part of that one, larger. */
async function draw(
  file: PMTiles,
  pen: CanvasRenderingContext2D,
  { x, y, z }: TileAt,
  minZoom: number,
  maxZoom: number,
): Promise<void> {
  if (z < minZoom) return
  const closer = Math.max(0, z - maxZoom)
  const parts = 2 ** closer
  const found = await file.getZxy(z - closer, Math.floor(x / parts), Math.floor(y / parts))
  if (!found) return
  const picture = await createImageBitmap(new Blob([found.data]))
  try {
    const [width, height] = [picture.width / parts, picture.height / parts]
    pen.drawImage(picture, (x % parts) * width, (y % parts) * height, width, height, 0, 0, TILE, TILE)
  } finally {
    picture.close()
  }
}

function creditOf(metadata: unknown): string {
  const said = (metadata as { attribution?: unknown } | null)?.attribution
  return typeof said === 'string' ? said.replace(/<[^>]*>/g, '').slice(0, 200) : ''
}
