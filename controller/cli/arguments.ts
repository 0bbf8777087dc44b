import { type Command, InvalidArgumentError } from 'commander'
import { LIMITS } from '../../api/contract/limits.ts'

/** Reading numbers and lists from a command line. */

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

/** For an option that may come several times. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text]
}

/** Adds the options of a command that follows pages. */
export function withPaging(command: Command): Command {
  return command
    .option('--limit <number>', 'one page of at most so many rows (default: all pages)', parseLimit)
    .option('--cursor <cursor>', 'go on after the page that gave this cursor')
}

/** An object without the keys that nobody gave a value. */
export function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
