import { StatementSync } from 'node:sqlite'

/** Counts the statements of this thread from now on. */
export function countStatements(): () => number {
  let count = 0
  for (const method of ['get', 'all', 'run', 'iterate'] as const) {
    const original = StatementSync.prototype[method] as (...values: unknown[]) => unknown
    StatementSync.prototype[method] = function counted(this: StatementSync, ...values: unknown[]) {
      count++
      return original.apply(this, values)
    } as never
  }
  return () => count
}
