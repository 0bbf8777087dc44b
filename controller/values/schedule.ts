import { CronTime } from 'cron'
import { parseDuration } from './duration.ts'

const LONGEST_INTERVAL_MS = 7 * 86_400_000
/** Jitter as a share of the interval, so that many sources do not hit their hosts at once. */
const JITTER = 0.1
/** A pass starts at its cron time or shortly after it, never before. */
const LONGEST_CRON_JITTER_MS = 30_000

/** Why `text` is not a valid schedule, as an error message; `undefined` if it is. */
export function scheduleProblem(text: string): string | undefined {
  const interval = parseDuration(text)
  if (interval !== undefined) {
    if (interval >= 1000 && interval <= LONGEST_INTERVAL_MS) return undefined
    return `"${text}" is not an interval between 1s and 7d.`
  }
  try {
    // An expression such as "30 2 30 2 *" parses but never fires. Only computing a date detects that.
    new CronTime(text, 'UTC').getNextDateFrom(new Date(0))
    return undefined
  } catch {
    return `"${text}" is neither an interval such as 30s, 1m or 2h nor a cron expression that ever fires.`
  }
}

/** Milliseconds from `now` (since the epoch) to the next pass. `random`: at least 0, below 1. Cron is in UTC. */
export function untilNextPass(schedule: string, now: number, random: number): number {
  const interval = parseDuration(schedule)
  if (interval !== undefined) return Math.round(interval * (1 - JITTER / 2 + JITTER * random))
  const cron = new CronTime(schedule, 'UTC')
  const next = cron.getNextDateFrom(new Date(now)).toMillis()
  const gap = cron.getNextDateFrom(new Date(next)).toMillis() - next
  return next - now + Math.round(Math.min((gap * JITTER) / 2, LONGEST_CRON_JITTER_MS) * random)
}

const MINUTE_MS = 60_000

/**
 * Whether a pass is due in the minute that ends at `at`, in milliseconds since the epoch, for a caller that asks
 * once a minute. An interval below a minute counts as one. `share`, at least 0 and below 1, is the offset in the
 * interval.
 */
export function isDueInMinute(schedule: string, at: number, share: number): boolean {
  const end = Math.floor(at / MINUTE_MS) * MINUTE_MS
  const interval = parseDuration(schedule)
  if (interval === undefined) return nextMoment(schedule, end - MINUTE_MS) <= end
  const passesUntil = (time: number) => Math.floor((time - interval * share) / interval)
  return passesUntil(end) > passesUntil(end - MINUTE_MS)
}

/** The next time of the schedule after `from`, both in milliseconds since the epoch. */
export function nextMoment(schedule: string, from: number): number {
  const interval = parseDuration(schedule)
  if (interval !== undefined) return from + interval
  return new CronTime(schedule, 'UTC').getNextDateFrom(new Date(from)).toMillis()
}
