/** Tally: how a class came to school, as numbers. What adds up, what is still to go, and which day it is for. */
import type { Answers } from '../types.ts'
import { localDay } from '../ui/time.ts'

export type Mode = 'walk' | 'wheel' | 'scoot' | 'cycle' | 'stride' | 'wbus' | 'bus' | 'car'

export type Box = Mode | 'roll' | 'present' | 'unable' | 'stickers'

export interface Tally {
  roll: number
  present: number
  unable: number
  /** Null: as many as came actively. */
  stickers: number | null
  modes: Record<Mode, number>
  /** By card number, where the class counts with cards. */
  stamps: { card_no: number; mode: Mode }[]
}

export const modes: Record<Mode, { label: string; icon: string }> = {
  walk: { label: 'Walked', icon: 'footprints' },
  wheel: { label: 'Wheeled', icon: 'accessibility' },
  scoot: { label: 'Scooted', icon: 'scooter' },
  cycle: { label: 'Cycled', icon: 'bike' },
  stride: { label: 'Park and stride', icon: 'square-parking' },
  wbus: { label: 'Walking bus', icon: 'route' },
  bus: { label: 'Bus or train', icon: 'bus' },
  car: { label: 'Car', icon: 'car' },
}

export const MOST = 40 // children in a class
const USUAL_ROLL = 30
const ACTIVE: Mode[] = ['walk', 'wheel', 'cycle', 'scoot', 'stride', 'wbus']
const WEDNESDAY = 3 // as Date.getDay() counts
const FRIDAY_NOON = 2 * 24 + 12 // hours after the start of Wednesday

export function emptyTally(roll = USUAL_ROLL): Tally {
  const none = Object.fromEntries(Object.keys(modes).map((mode) => [mode, 0])) as Record<Mode, number>
  return { roll, present: roll, unable: 0, stickers: null, modes: none, stamps: [] }
}

export function counted(tally: Tally): number {
  return Object.values(tally.modes).reduce((sum, count) => sum + count, 0)
}

/** More than 0: so many have not said; less: more hands than children. */
export function toGo(tally: Tally): number {
  return tally.present - counted(tally)
}

export function activeOf(tally: Tally): number {
  return ACTIVE.reduce((sum, mode) => sum + tally.modes[mode], 0)
}

export function stickersOf(tally: Tally): number {
  return tally.stickers ?? activeOf(tally)
}

export function ableOf(tally: Tally): number {
  return tally.roll - tally.unable
}

export function isSound(tally: Tally): boolean {
  return tally.roll > 0 && tally.present <= tally.roll && tally.unable <= 10 && toGo(tally) >= 0
}

export function valueOf(tally: Tally, box: Box): number {
  if (box === 'stickers') return stickersOf(tally)
  return box === 'roll' || box === 'present' || box === 'unable' ? tally[box] : tally.modes[box]
}

/** The class size carries along who is here, until somebody says otherwise. */
export function withValue(tally: Tally, box: Box, wanted: number): Tally {
  const value = Math.min(MOST, Math.max(0, wanted))
  if (box === 'roll') return { ...tally, roll: value, present: tally.present === tally.roll ? value : Math.min(tally.present, value) }
  if (box === 'present' || box === 'unable' || box === 'stickers') return { ...tally, [box]: value }
  return { ...tally, modes: { ...tally.modes, [box]: value } }
}

/** A digit after another: 1, then 4, is 14; what no class has begins anew. */
export function typed(before: number, digit: number, fresh: boolean): number {
  const longer = before * 10 + digit
  return fresh || longer > MOST ? digit : longer
}

/** The latest Wednesday up to now, as 2026-11-18. */
export function wednesdayOf(now: Date): string {
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() - ((now.getDay() - WEDNESDAY + 7) % 7))
  return localDay(day)
}

/** Whether that Wednesday's week was closed, on Friday at noon. */
export function isClosed(day: string, now: Date): boolean {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  const monday = date - ((new Date(year, month - 1, date).getDay() + 6) % 7)
  return now > new Date(year, month - 1, monday + 2, FRIDAY_NOON)
}

/** The weekdays of the last week, newest first, for a grown-up who has it on paper. */
export function recentDays(now: Date): string[] {
  const days = Array.from({ length: 8 }, (_, back) => new Date(now.getFullYear(), now.getMonth(), now.getDate() - back))
  return days.filter((day) => day.getDay() >= 1 && day.getDay() <= 5).map(localDay)
}

export function answersOf(tally: Tally, more: Answers): Answers {
  const { walk, wheel, cycle, scoot, stride, wbus, bus, car } = tally.modes
  return {
    ...more,
    roll: tally.roll,
    present: tally.present,
    n_walk: walk,
    n_wheel: wheel,
    n_cycle: cycle,
    n_scoot: scoot,
    n_stride: stride,
    n_wbus: wbus,
    n_bus: bus,
    n_car: car,
    unable: tally.unable,
    stickers: stickersOf(tally),
    ...(tally.stamps.length > 0 && { stamps: tally.stamps }),
  }
}
