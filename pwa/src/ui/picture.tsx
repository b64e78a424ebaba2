/** A picture kept as bytes, shown for as long as it is on the page. */
import { useEffect, useState } from 'preact/hooks'

export function Picture({
  bytes,
  mediaType = 'image/jpeg',
  alt,
}: {
  bytes: ArrayBuffer
  mediaType?: string
  alt: string
}) {
  const [address, setAddress] = useState<string>()
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes], { type: mediaType }))
    setAddress(made)
    return () => URL.revokeObjectURL(made)
  }, [bytes, mediaType])
  return address ? <img src={address} alt={alt} /> : null
}
