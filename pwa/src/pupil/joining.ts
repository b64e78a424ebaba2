/** How a tablet comes onto a patrol and learns how it stands. */
import { NotAPatrol, opened, UnknownPhone, type Patrol } from '../patrols/patrol.ts'
import { device } from '../session.ts'
import { joined, keys, setJoined, type Joined } from '../store/patrols.ts'
import { sendNow } from '../sync/index.ts'
import { ask } from '../sync/server.ts'

const LOOK_EVERY = 5_000 // a few hundred bytes: closing has to be felt at once

/** With a signal: six letters. */
export async function joinByCode(code: string): Promise<void> {
  const owner = await device()
  const { body } = await ask<Patrol & { state: Joined['state'] }>('/api/patrols/join', {
    method: 'POST',
    body: JSON.stringify({ code }),
    serverId: owner?.serverId ?? null,
  })
  await enter(body)
}

/** Without: the signed line from the square. Throws NotAPatrol, UnknownPhone. */
export async function joinByLine(line: string): Promise<void> {
  const patrol = await opened(line, await keys()).catch(async (error: unknown) => {
    if (!(error instanceof UnknownPhone)) throw error
    await sendNow() // the phone may be newer than what this tablet last fetched
    return opened(line, await keys())
  })
  if (Date.parse(patrol.endsAt) <= Date.now()) throw new NotAPatrol('it is over')
  await enter(patrol)
}

async function enter(patrol: Patrol): Promise<void> {
  if (await joined()) return // one at a time: a grown-up hands the tablet in first
  const { patrolId, school, schoolName, spots, teams, startsAt, endsAt, photos, pinSalt, pinCheck } = patrol
  await setJoined({
    patrolId,
    school,
    schoolName,
    spots,
    teams,
    startsAt,
    endsAt,
    photos,
    pinSalt,
    pinCheck,
    state: 'open',
    team: teams.length === 1 ? teams[0]! : null,
    handingIn: false,
  })
}

/** Watches the clock and, with a signal, the server (MT15); calls back by the store when something changed. */
export function watch(patrolId: string): () => void {
  const look = async () => {
    const patrol = await joined()
    if (!patrol || patrol.patrolId !== patrolId || patrol.state === 'closed') return
    const state = Date.now() >= Date.parse(patrol.endsAt) ? 'closed' : await asked(patrolId)
    const now = await joined()
    if (state && now && now.patrolId === patrolId && state !== now.state) await setJoined({ ...now, state })
  }
  void look()
  const looking = setInterval(() => void look(), LOOK_EVERY)
  addEventListener('online', look)
  return () => {
    clearInterval(looking)
    removeEventListener('online', look)
  }
}

async function asked(patrolId: string): Promise<Joined['state'] | null> {
  if (!navigator.onLine) return null
  try {
    const { body } = await ask<{ state: Joined['state'] }>(`/api/patrols/${patrolId}`, {
      serverId: (await device())?.serverId ?? null,
    })
    return body.state
  } catch {
    return null // no signal, or the adult's phone has not sent the patrol yet: what we know stands
  }
}
