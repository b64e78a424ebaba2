/** "Export unsent": what is not safely at the office as a file to carry there by hand. Nothing is removed by it. */
import { useEffect, useState } from 'preact/hooks'
import { exportable, exportUnsent, type ExportedFile } from '../store/index.ts'
import { Button } from '../ui/button.tsx'
import { MovingBar } from '../ui/moving-bar.tsx'
import { bytes, count } from '../ui/words.ts'
import { useStored } from './stored.ts'
import { reportTrouble } from './trouble.tsx'

interface Offered extends ExportedFile {
  address: string
}

/** With an id only that record; without one everything. */
export function ExportUnsent({ instanceId }: { instanceId?: string }) {
  const unsent = useStored(exportable)
  const [files, setFiles] = useState<Offered[]>([])
  const [busy, setBusy] = useState(false)
  useEffect(() => () => files.forEach((file) => URL.revokeObjectURL(file.address)), [files])
  const make = async () => {
    setBusy(true)
    try {
      const made = await exportUnsent(instanceId)
      const offered = made.map((file) => ({ ...file, address: URL.createObjectURL(file.blob) }))
      setFiles(offered)
      if (offered.length === 1) save(offered[0]!)
    } catch (error) {
      reportTrouble(error)
    }
    setBusy(false)
  }
  if (!unsent && files.length === 0) return null
  return (
    <>
      <h2>Cannot send?</h2>
      <p>
        Put {instanceId ? 'this record' : `${count(unsent ?? 0, 'record')} with photos`} into a file and carry it to the
        office. Nothing is removed from this phone.
      </p>
      {busy ? (
        <MovingBar words="Making the file" />
      ) : (
        <p class="when-chips">
          <Button icon="download" onPress={make}>
            {instanceId ? 'Export this record' : 'Export unsent'}
          </Button>
        </p>
      )}
      <div class="exported" role="status">
        {files.map((file) => (
          <p key={file.name}>
            <a href={file.address} download={file.name}>
              {file.name}
            </a>{' '}
            holds {count(file.records, 'record')}, {bytes(file.blob.size)}.
          </p>
        ))}
      </div>
      {files.length > 0 && <Share files={files} />}
    </>
  )
}

/** Where an app on the home screen cannot save a file it can hand one on. */
function Share({ files }: { files: Offered[] }) {
  const shared = files.map((file) => new File([file.blob], file.name, { type: file.blob.type }))
  if (!navigator.canShare?.({ files: shared })) return null
  const share = () =>
    navigator.share({ files: shared }).catch((error: unknown) => {
      if (!(error instanceof DOMException && error.name === 'AbortError')) reportTrouble(error) // the person thought better of it
    })
  return (
    <p class="when-chips">
      <Button icon="share" onPress={share}>
        Hand it on
      </Button>
    </p>
  )
}

function save({ address, name }: Offered): void {
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
}
