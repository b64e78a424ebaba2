/** A picture to look into: larger and smaller by buttons, moved by scrolling, as fingers, wheels and arrow keys do. */
import { useState } from 'preact/hooks'
import { Button } from './button.tsx'
import { Picture } from './picture.tsx'
import '../style/zoom.css'

const STEPS = [1, 1.5, 2, 3, 4]

export function Zoom({ bytes, mediaType, alt }: { bytes: ArrayBuffer; mediaType?: string; alt: string }) {
  const [step, setStep] = useState(0)
  const by = (more: number) => setStep(Math.max(0, Math.min(STEPS.length - 1, step + more)))
  return (
    <div class="zoom">
      <div class="zoom-view" tabIndex={0} role="region" aria-label={`${alt}, ${STEPS[step]! * 100} percent`}>
        <div class="zoom-picture" style={{ width: `${STEPS[step]! * 100}%`, height: `${STEPS[step]! * 100}%` }}>
          <Picture bytes={bytes} {...(mediaType && { mediaType })} alt={alt} />
        </div>
      </div>
      <div class="zoom-buttons">
        <Button icon="minus" label="Smaller" onPress={() => by(-1)} />
        <Button icon="plus" label="Larger" onPress={() => by(1)} />
      </div>
    </div>
  )
}
