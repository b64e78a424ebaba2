/** A picture that the class drew and a grown-up approved. As an image it can show, and do nothing. */
import { useEffect, useState } from 'preact/hooks'
import { Picture } from '../studio/picture.tsx'
import type { Sketch } from '../studio/sketch.ts'

export function Design({ svg, drawing }: { svg: string; drawing: Sketch | null }) {
  const [address, setAddress] = useState('')
  useEffect(() => {
    if (!svg) return
    const made = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }))
    setAddress(made)
    return () => URL.revokeObjectURL(made)
  }, [svg])
  if (drawing) return <Picture sketch={drawing} />
  if (svg) return address ? <img class="design" src={address} alt="" /> : null
  return (
    <svg class="scene" viewBox="0 0 200 150" aria-hidden="true" focusable="false">
      <rect width="200" height="150" fill="#fff6d6" />
      <circle cx="164" cy="34" r="20" fill="#ffcf33" />
      <path d="M0 150q50-46 100-38t100-6v44z" fill="#9bd48f" />
      <path d="M20 150q36-20 60-18t52 18z" fill="#f0e3cf" />
      <path d="M56 96V64l30-22 30 22v32z" fill="#ff7059" stroke="#22303c" stroke-width="4" stroke-linejoin="round" />
      <path d="M79 96V74h14v22z" fill="#fff" stroke="#22303c" stroke-width="4" stroke-linejoin="round" />
    </svg>
  )
}
