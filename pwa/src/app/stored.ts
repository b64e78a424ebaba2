/** What the screens watch: anything in the store, and how sending goes. */
import { useEffect, useState } from 'preact/hooks'
import { lockState, onLock, subscribe, type LockState } from '../store/index.ts'
import { onSyncStatus, syncStatus } from '../sync/index.ts'
import type { SyncStatus } from '../types.ts'
import { reportTrouble } from './trouble.tsx'

/** The answer of `load`, asked again whenever anything in the store changes; undefined until it first comes. */
export function useStored<T>(load: () => Promise<T>, inputs: unknown[] = []): T | undefined {
  const [value, setValue] = useState<T>()
  useEffect(() => {
    let asked = 0
    let wanted = true
    const ask = () => {
      const mine = ++asked
      load().then((answer) => wanted && mine === asked && setValue(() => answer), reportTrouble)
    }
    ask()
    const stop = subscribe((news) => news !== 'cleared' && ask())
    return () => {
      wanted = false
      stop()
    }
  }, inputs)
  return value
}

/** The server no longer knows this phone: its records are safe, but only a new code lets them go. */
export function needsSignIn(status: SyncStatus): boolean {
  return status.signIn
}

export function useStatus(): SyncStatus {
  const [status, setStatus] = useState(syncStatus)
  useEffect(() => {
    setStatus(syncStatus()) // it may have changed between the first drawing and now
    return onSyncStatus(setStatus)
  }, [])
  return status
}

export function useLock(): LockState {
  const [state, setState] = useState(lockState)
  useEffect(() => {
    setState(lockState())
    return onLock(setState)
  }, [])
  return state
}
