/** Records of a form that were made before: this phone's own, and what the office says of the others'. */
import { read, type Write } from './database.ts'

/** As the server tells it: the place rounded to about ten metres, no photo, no answers. */
export interface NearbyRow {
  instanceId: string
  formId: string
  title: string
  at: string
  latitude: number
  longitude: number
}

const KEY = 'nearby'
const DAYS = 90
const MOST = 1000

export async function nearby(formId: string): Promise<NearbyRow[]> {
  return read(['records', 'meta'], async (tx) => {
    const told = await toldOf(tx)
    const own = (await tx.objectStore('records').getAll()).flatMap(({ instanceId, formId: of, title, capturedAt, location, replacedBy }) =>
      location && !replacedBy ? [{ instanceId, formId: of, title, at: capturedAt, latitude: location.latitude, longitude: location.longitude }] : [],
    )
    return [...own, ...told].filter((row) => row.formId === formId)
  })
}

export async function takeNearby(tx: Write, news: NearbyRow[], erased: string[]): Promise<void> {
  const fresh = new Map([...news, ...(await toldOf(tx))].map((row) => [row.instanceId, row]))
  for (const instanceId of erased) fresh.delete(instanceId)
  const oldest = Date.now() - DAYS * 24 * 60 * 60 * 1000
  const kept = [...fresh.values()].filter((row) => Date.parse(row.at) > oldest).sort((a, b) => b.at.localeCompare(a.at))
  await tx.objectStore('meta').put(kept.slice(0, MOST), KEY)
}

async function toldOf(tx: { objectStore(name: 'meta'): { get(key: string): Promise<unknown> } }): Promise<NearbyRow[]> {
  return ((await tx.objectStore('meta').get(KEY)) as NearbyRow[] | undefined) ?? []
}
