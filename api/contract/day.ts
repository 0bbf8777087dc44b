const DAY_MS = 24 * 60 * 60 * 1000

/** The day in UTC, such as `2026-11-29`, of a time in milliseconds since the epoch. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

/** The day that is `days` before (or, if negative, after) another one. */
export function daysBefore(day: string, days: number): string {
  return dayOf(Date.parse(day) - days * DAY_MS)
}
