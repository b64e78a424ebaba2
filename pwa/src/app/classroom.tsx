/** The classroom's screens: open to a school's tablet, and to a pupils' tablet with no patrol. Each is fetched when it is first opened. */
import type { FunctionComponent } from 'preact'
import type { Device } from '../types.ts'
import { later } from './later.tsx'

type Screen = FunctionComponent<{ route: string[]; owner: Device }>

/** By the first step of the address. */
const screens: Record<string, Screen> = {
  studio: later(async () => (await import('../studio/index.tsx')).default),
  paper: later(async () => (await import('../paper/index.tsx')).default),
  wow: later(async () => (await import('../wow/index.tsx')).default),
}

export function isInClassroom(name: string | undefined): boolean {
  return name !== undefined && Object.hasOwn(screens, name)
}

export function Classroom({ route, owner }: { route: string[]; owner: Device }) {
  const Screen = screens[route[0] ?? '']
  return Screen ? <Screen route={route} owner={owner} /> : null
}
