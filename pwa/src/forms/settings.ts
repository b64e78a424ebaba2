/** Dated settings: the value in force is the newest whose day is not after the record's. The server's twin is forms/dated.py. */
import type { SettingRow } from '../types.ts'

/** What `setting('fpn.litter.full')` answers on a day (YYYY-MM-DD); nothing for a name that is not known, or not yet. */
export function settingsIn(rows: SettingRow[]): (name: string, on: string) => unknown {
  return (name, on) => {
    let found: SettingRow | undefined
    for (const row of rows) if (row.name === name && row.from <= on && (!found || row.from >= found.from)) found = row
    return found?.value
  }
}
