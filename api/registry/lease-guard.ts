import type { SourceStore } from '../store/source-store.ts'
import { requireSource } from './authority.ts'
import type { Caller } from './caller.ts'
import type { RegistryContext } from './context.ts'
import { newSource, refuseStaleWriter } from './sources.ts'

/** A check that a write which names a source comes from the source's current writer. */
export type LeaseGuard = (source: string | undefined, token: number | undefined) => Promise<void>

/**
 * A guard that reads each source's lease once, so one guard serves one request. What happens between the read and
 * the write is caught by the head, which refuses a token lower than it has seen.
 */
export function leaseGuard(
  { sources, now }: Pick<RegistryContext, 'sources' | 'now'>,
  caller: Caller,
): LeaseGuard {
  const records = new Map<string, ReturnType<SourceStore['get']>>()
  return async (source, token) => {
    if (source === undefined) return
    requireSource(caller, source)
    const reading = records.get(source) ?? sources.get(source)
    records.set(source, reading)
    refuseStaleWriter((await reading) ?? newSource(source), token, now())
  }
}
