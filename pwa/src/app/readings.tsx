/** Who looked at a record in the office, as the log tells it. Asked for when somebody wants to know: it needs a signal. */
import { useState } from 'preact/hooks'
import { device } from '../session.ts'
import { ask, NoSignal, NotOurs } from '../sync/server.ts'
import { Button } from '../ui/button.tsx'
import { dayAndTime } from '../ui/time.ts'
import { count, roleName } from '../ui/words.ts'

interface Reading {
  at: string
  name: string | null
  role: string | null
  what: string
  times: number
  why: string | null
}

export function Readings({ instanceId }: { instanceId: string }) {
  const [found, setFound] = useState<Reading[]>()
  const [said, setSaid] = useState('')
  const look = async () => {
    setSaid('Asking the office.')
    try {
      setFound(await readingsOf(instanceId))
      setSaid('')
    } catch (problem) {
      const away = problem instanceof NoSignal || problem instanceof NotOurs
      setSaid(away ? 'No signal now. Try again later.' : 'The office could not say. Try again later.')
    }
  }
  return (
    <>
      <h2>Who looked at it</h2>
      {!found && (
        <Button icon="eye" class="wide" onPress={look}>
          Ask the office
        </Button>
      )}
      <p class="answer-line" role="status">
        {said || (found?.length === 0 && 'Nobody yet.')}
      </p>
      {found && found.length > 0 && (
        <ol class="history">
          {found.map((reading) => (
            <li key={reading.at + reading.what}>
              <time dateTime={reading.at}>{dayAndTime(reading.at)}</time>
              {sentence(reading)}
            </li>
          ))}
        </ol>
      )}
    </>
  )
}

async function readingsOf(instanceId: string): Promise<Reading[]> {
  const owner = await device()
  const path = `/api/records/${instanceId}/readings`
  const { body } = await ask<{ readings: Reading[] }>(path, { serverId: owner?.serverId ?? null })
  return body.readings
}

/** "Kerry Bell, supervisor: opened, 3 times. In an emergency." */
function sentence({ name, role, what, times, why }: Reading): string {
  const who = [name ?? 'The server', role && roleName(role).toLowerCase()].filter(Boolean).join(', ')
  const often = times > 1 ? `, ${count(times, 'time')}` : ''
  return `${who}: ${what.charAt(0).toLowerCase()}${what.slice(1)}${often}.${why ? ` ${why}.` : ''}`
}
