import { type Command, InvalidArgumentError } from 'commander'
import { LIMITS } from '../../api/contract/limits.ts'
import { READS_DAYS } from '../../api/contract/reads.ts'

/** Parses numbers and lists from the command line. */

export function parseLimit(text: string): number {
  const limit = Number(text)
  if (/^\d+$/.test(text) && limit >= 1 && limit <= LIMITS.page) return limit
  throw new InvalidArgumentError(`A limit is a whole number from 1 to ${LIMITS.page}.`)
}

export function parseRevision(text: string): number {
  const revision = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(revision)) return revision
  throw new InvalidArgumentError('A revision is a whole number; promptctl list -o json shows it.')
}

export function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('A port is a number from 0 to 65535.')
}

export function parseDays(text: string): number {
  const days = Number(text)
  if (/^\d+$/.test(text) && days >= 1 && days <= READS_DAYS.kept) return days
  throw new InvalidArgumentError(`It must be a number from 1 to ${READS_DAYS.kept}.`)
}

export function parseWorkers(text: string): number {
  const workers = Number(text)
  if (/^\d+$/.test(text) && workers <= 64) return workers
  throw new InvalidArgumentError('The number of workers is from 0 to 64.')
}

export function parseSeconds(text: string): number {
  const seconds = Number(text)
  if (/^\d+$/.test(text) && seconds >= 1 && seconds <= 86_400) return seconds
  throw new InvalidArgumentError('A time is a whole number of seconds from 1 to 86400.')
}

/** For an option that may come several times. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text]
}

/** Adds the options of a paged command. */
export function withPaging(command: Command): Command {
  return command
    .option('--limit <number>', 'Fetch one page with at most this many rows (default: all pages)', parseLimit)
    .option('--cursor <cursor>', 'Continue after the page that returned this cursor')
}

/** Drops the keys whose value is undefined. */
export function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
