/** Where the phone's half of Beatbook begins. */
import { render } from 'preact'
import { App } from './app/app.tsx'
import { listenForInstall } from './app/install.ts'
import { preferences, show } from './app/preferences.ts'
import './style/index.css'

const page = document.getElementById('app')!

show(preferences())
listenForInstall()
page.replaceChildren()
render(<App />, page)
