/** The council's map on this phone: to take it along, to see how far that is, and to let it go again. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { deleteMap, fetchMap, mapOffer, mapOnPhone, type MapOnPhone } from '../store/map-file.ts'
import type { MapOffer } from '../types.ts'
import { Button, LinkButton } from '../ui/button.tsx'
import { bytes } from '../ui/words.ts'
import { sentence } from './trouble.tsx'

export function MapFile(_: object) {
  const [offer, setOffer] = useState<MapOffer | null>(null)
  const [here, setHere] = useState<MapOnPhone | null>()
  const [said, setSaid] = useState('')
  const [running, setRunning] = useState<AbortController>()
  const screen = useRef(true)
  const look = async () => {
    const [offered, kept] = await Promise.all([mapOffer(), mapOnPhone()])
    if (!screen.current) return
    setOffer(offered)
    setHere(kept)
  }
  useEffect(() => {
    void look()
    return () => {
      screen.current = false
    }
  }, [])
  useEffect(() => () => running?.abort(), [running])
  if (here === undefined || (!offer && !here)) return null
  const fetchIt = async () => {
    const control = new AbortController()
    setRunning(control)
    setSaid('')
    try {
      await fetchMap(offer!, (have) => setHere({ ...offer!, have }), control.signal)
      setSaid('The map is on this phone.')
    } catch (error) {
      if (!control.signal.aborted) setSaid(sentence(error))
    }
    setRunning(undefined)
    await look()
  }
  const remove = async () => {
    await deleteMap()
    setSaid('The map is gone from this phone. Places are found without it too.')
    await look()
  }
  const isNewer = offer !== null && here !== null && here.version !== offer.version
  const isWhole = here !== null && here.have === here.size && !isNewer
  const size = bytes((offer ?? here)!.size)
  return (
    <>
      <h2>Map</h2>
      <p>
        {isWhole
          ? `The map is on this phone and works with no signal. It takes ${size}.`
          : isNewer
            ? `There is a newer map. It takes ${size}; fetch it over Wi-Fi.`
            : `You can take a map along that works with no signal. It takes ${size}; fetch it over Wi-Fi.`}
      </p>
      {here && !isWhole && !isNewer && (
        <>
          <progress class="meter" max={here.size} value={here.have} aria-label="How much of the map is here" />
          <p>
            {bytes(here.have)} of {size}
          </p>
        </>
      )}
      <p class="when-chips">
        {offer && !isWhole && !running && (
          <Button icon="download" onPress={fetchIt}>
            {here && !isNewer ? 'Carry on' : 'Fetch the map'}
          </Button>
        )}
        {running && (
          <Button icon="x" onPress={() => running.abort()}>
            Stop
          </Button>
        )}
        {here && !running && (
          <LinkButton icon="trash-2" kind="danger" onPress={remove}>
            Delete the map
          </LinkButton>
        )}
      </p>
      <p class="answer-line" role="status">
        {said}
      </p>
    </>
  )
}
