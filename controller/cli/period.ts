import { InvalidArgumentError } from 'commander'

const DAY_MS = 86_400_000

/** Parses a day, such as 2026-01-31, or a time in ISO 8601; returns ISO 8601 in UTC. A day stands for its start. */
export function parseFrom(text: string): string {
  return new Date(parseTime(text)).toISOString()
}

/** The same for the end of a period, which is exclusive: a day is included. */
export function parseTo(text: string): string {
  return new Date(parseTime(text) + (isDay(text) ? DAY_MS : 0)).toISOString()
}

function parseTime(text: string): number {
  const hasZone = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text)
  const time = isDay(text) || hasZone ? Date.parse(text) : Number.NaN
  // JavaScript takes 31 June for 1 July.
  const isReal = !Number.isNaN(time) && (!isDay(text) || new Date(time).toISOString().startsWith(text))
  if (isReal) return time
  throw new InvalidArgumentError(
    'Use a day in UTC, such as 2026-01-31, or a time such as 2026-01-31T08:00:00Z.',
  )
}

function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text)
}
