/** When this browser will not keep anything: said before the first record, not after it. */
import { useEffect } from 'preact/hooks'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { Brand } from './enrol.tsx'

export function NoStorage({ why }: { why: string }) {
  useEffect(() => {
    document.title = 'Beatbook cannot open'
  }, [])
  return (
    <div class="frame">
      <Brand />
      <main class="page">
        <div class="plain trouble" role="alert">
          <span class="picture">
            <Icon name="hard-drive" />
          </span>
          <h1>Beatbook cannot keep records here</h1>
          <p>{why}</p>
        </div>
        <Button kind="large" icon="refresh-cw" onPress={() => location.reload()}>
          Try again
        </Button>
      </main>
    </div>
  )
}
