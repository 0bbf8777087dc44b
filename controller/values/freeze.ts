import { CronTime } from 'cron'
import { parseDuration } from './duration.ts'

/** A recurring window in which nothing is promoted. */
export interface FreezeWindow {
  /** Cron expression for the start, in the time zone. */
  readonly cron: string
  /** IANA time zone, such as `Europe/Berlin`. */
  readonly timeZone: string
  /** Length in elapsed time, regardless of clock changes: `90m`, `60h` or `3d`. */
  readonly duration: string
}

const SHORTEST_MS = 60_000
const LONGEST_MS = 31 * 86_400_000
/** Maximum number of adjoining windows to join. With more, the end is reported too early. */
const MOST_LINKS = 100

/** The end of the freeze at `now`, both in milliseconds since the epoch; `null` outside every window. */
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

/** The end of the window around `at`; empty if `at` is outside. */
function endOfWindow({ cron, timeZone, duration }: FreezeWindow, at: number): number[] {
  const length = parseDuration(duration)
  if (length === undefined) return []
  // Only the first start after `at - length` matters. It is strictly after that time.
  const start = new CronTime(cron, timeZone).getNextDateFrom(new Date(at - length), timeZone).toMillis()
  return start <= at ? [start + length] : []
}

/** Why this is not a valid duration, as an error message; `undefined` if it is. */
export function durationProblem(text: string): string | undefined {
  const length = parseDuration(text)
  if (length !== undefined && length >= SHORTEST_MS && length <= LONGEST_MS) return undefined
  return `"${text}" is not a duration from 1m to 31d. Write it like 90m, 60h or 3d.`
}

/** Why a window never begins, as an error message; `undefined` if it does. */
export function windowProblem({
  cron,
  timeZone,
}: Pick<FreezeWindow, 'cron' | 'timeZone'>): string | undefined {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
  } catch {
    return `"${timeZone}" is not a time zone. Write one such as Europe/Berlin or UTC.`
  }
  try {
    // Some expressions parse but never fire. Only computing a date detects that.
    new CronTime(cron, timeZone).getNextDateFrom(new Date(0), timeZone)
    return undefined
  } catch {
    return `"${cron}" is not a cron expression that ever fires. Write one such as "0 18 * * 5", Fridays at 18:00.`
  }
}
