/** How to put Beatbook on the home screen: one button where there is one, pictures where there is none. */
import { useEffect, useState } from 'preact/hooks'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { canInstall, install, isApple, isInstalled, onInstallChange } from './install.ts'

export function InstallGuide() {
  const [offered, setOffered] = useState(canInstall)
  useEffect(() => onInstallChange(() => setOffered(canInstall())), [])
  if (isInstalled()) return <p class="quiet">Beatbook is on this home screen.</p>
  if (isApple()) {
    return (
      <Steps
        steps={[
          ['share', 'Tap Share in the bar of Safari'],
          ['square-plus', 'Choose Add to Home Screen'],
          ['notebook-pen', 'Open the new Beatbook picture'],
        ]}
      />
    )
  }
  if (offered)
    return (
      <Button kind="large" icon="download" onPress={install}>
        Put it on the home screen
      </Button>
    )
  return (
    <Steps
      steps={[
        ['ellipsis', 'Open the browser’s menu'],
        ['download', 'Choose Install, or Add to home screen'],
        ['notebook-pen', 'Open the new Beatbook picture'],
      ]}
    />
  )
}

function Steps({ steps }: { steps: [icon: string, words: string][] }) {
  return (
    <ol class="steps">
      {steps.map(([icon, words]) => (
        <li key={words}>
          <Icon name={icon} />
          {words}
        </li>
      ))}
    </ol>
  )
}
