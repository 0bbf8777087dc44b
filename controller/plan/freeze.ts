import { CronTime } from 'cron'

/** A time in which nothing is promoted, again and again. */
export interface FreezeWindow {
  /** When it begins: a cron expression, in the time zone. */
  readonly cron: string
  /** Such as `Europe/Berlin`. */
  readonly timeZone: string
  /** How long it lasts, in hours that pass: `90m`, `60h` or `3d`. */
  readonly duration: string
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
const LONGEST_MS = 31 * 86_400_000
/** Windows that follow on each other are one; beyond this, its end is told too early. */
const MOST_LINKS = 100

/** Until when nothing is promoted, in milliseconds since the epoch like `now`; `null` outside every window. */
export function inFreeze(windows: readonly FreezeWindow[], now: number): number | null {
  let until: number | null = null
  for (let links = 0; links < MOST_LINKS; links++) {
    const at = until ?? now
    const ends = windows.flatMap((window) => endOfWindow(window, at)).filter((end) => end > at)
    if (ends.length === 0) break
    until = Math.max(...ends)
  }
  return until
}

/** When the window around `at` ends; none where `at` is outside. */
function endOfWindow({ cron, timeZone, duration }: FreezeWindow, at: number): number[] {
  const length = durationMs(duration)
  if (length === undefined) return []
  // The first start after `at - length` is the only one needed to know; it is strictly after the time asked for.
  const start = new CronTime(cron, timeZone).getNextDateFrom(new Date(at - length), timeZone).toMillis()
  return start <= at ? [start + length] : []
}

/** Why this cannot be a window's duration, as a sentence; `undefined` where it can. */
export function durationProblem(text: string): string | undefined {
  const length = durationMs(text)
  if (length !== undefined && length > 0 && length <= LONGEST_MS) return undefined
  return `"${text}" is no duration from 1m to 31d, such as 90m, 60h or 3d.`
}

/** Why a window never begins, as a sentence; `undefined` where it does. */
export function windowProblem({
  cron,
  timeZone,
}: Pick<FreezeWindow, 'cron' | 'timeZone'>): string | undefined {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
  } catch {
    return `"${timeZone}" is no time zone; write one such as Europe/Berlin or UTC.`
  }
  try {
    // Some expressions parse and name no moment; only asking for one tells.
    new CronTime(cron, timeZone).getNextDateFrom(new Date(0), timeZone)
    return undefined
  } catch {
    return `"${cron}" is no cron expression that names a moment, such as "0 18 * * 5" for Fridays at six in the evening.`
  }
}

function durationMs(text: string): number | undefined {
  const [, count, unit] = /^(\d+)(m|h|d)$/.exec(text) ?? []
  return count === undefined || unit === undefined ? undefined : Number(count) * (UNIT_MS[unit] ?? 0)
}
