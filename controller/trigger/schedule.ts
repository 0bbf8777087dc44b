import { CronTime } from 'cron'

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const INTERVAL = /^(\d+)(s|m|h|d)$/
const LONGEST_INTERVAL_MS = 7 * 86_400_000
/** Share of an interval by which passes are spread, so that many sources do not ask their hosts at once. */
const JITTER = 0.1
/** A moment of a cron expression is a promise: passes come after it, and soon. */
const LONGEST_CRON_JITTER_MS = 30_000

/** Why `text` is no schedule, as a sentence; `undefined` when it is one. */
export function scheduleProblem(text: string): string | undefined {
  const interval = intervalMs(text)
  if (interval !== undefined) {
    if (interval >= 1000 && interval <= LONGEST_INTERVAL_MS) return undefined
    return `"${text}" is no interval between 1s and 7d.`
  }
  try {
    // An expression such as "30 2 30 2 *" parses and names no moment; only asking for one tells.
    new CronTime(text, 'UTC').getNextDateFrom(new Date(0))
    return undefined
  } catch {
    return `"${text}" is neither an interval such as 30s, 1m or 2h nor a cron expression that names a moment.`
  }
}

/** Milliseconds from `now` (since the epoch) to the next pass. `random` is at least 0 and below 1. Cron counts in UTC. */
export function untilNextPass(schedule: string, now: number, random: number): number {
  const interval = intervalMs(schedule)
  if (interval !== undefined) return Math.round(interval * (1 - JITTER / 2 + JITTER * random))
  const cron = new CronTime(schedule, 'UTC')
  const next = cron.getNextDateFrom(new Date(now)).toMillis()
  const gap = cron.getNextDateFrom(new Date(next)).toMillis() - next
  return next - now + Math.round(Math.min((gap * JITTER) / 2, LONGEST_CRON_JITTER_MS) * random)
}

const MINUTE_MS = 60_000

/**
 * Whether a pass falls into the minute that ends at `at` (since the epoch), for whoever asks once in every minute. An
 * interval below a minute counts as one. `share` (at least 0, below 1) says where in an interval its pass lies.
 */
export function isDueInMinute(schedule: string, at: number, share: number): boolean {
  const end = Math.floor(at / MINUTE_MS) * MINUTE_MS
  const interval = intervalMs(schedule)
  if (interval === undefined) return nextMoment(schedule, end - MINUTE_MS) <= end
  const passesUntil = (time: number) => Math.floor((time - interval * share) / interval)
  return passesUntil(end) > passesUntil(end - MINUTE_MS)
}

/** The moment after `from` that the schedule names, in milliseconds since the epoch. */
export function nextMoment(schedule: string, from: number): number {
  const interval = intervalMs(schedule)
  if (interval !== undefined) return from + interval
  return new CronTime(schedule, 'UTC').getNextDateFrom(new Date(from)).toMillis()
}

function intervalMs(text: string): number | undefined {
  const [, count, unit] = INTERVAL.exec(text) ?? []
  return count === undefined || unit === undefined ? undefined : Number(count) * (UNIT_MS[unit] ?? 0)
}
