/** A screen whose code is fetched when it is first opened. The service worker holds it already, so this works offline too. */
import type { FunctionComponent } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Device } from '../types.ts'
import { MovingBar } from '../ui/moving-bar.tsx'
import { reportTrouble } from './trouble.tsx'

export type LaterScreen = FunctionComponent<{ route: string[]; owner: Device }>

type Load = () => Promise<{ default: LaterScreen }>

/** By the first step of the address; every one of them is also open to a pupils' tablet in its classroom. */
const classroom: Record<string, Load> = {
  studio: () => import('../studio/index.tsx'),
  paper: () => import('../paper/index.tsx'),
  wow: () => import('../wow/index.tsx'),
}

export function isInClassroom(name: string | undefined): boolean {
  return name !== undefined && Object.hasOwn(classroom, name)
}

export function Classroom({ route, owner }: { route: string[]; owner: Device }) {
  const [name = ''] = route
  const [found, setFound] = useState<{ name: string; screen: LaterScreen }>()
  useEffect(() => {
    classroom[name]?.().then(({ default: screen }) => setFound({ name, screen }), reportTrouble)
  }, [name])
  if (found?.name !== name) return <MovingBar words="Opening" />
  return <found.screen route={route} owner={owner} />
}
