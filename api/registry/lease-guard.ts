import type { SourceStore } from '../store/source-store.ts'
import { requireSource } from './authority.ts'
import type { Caller } from './caller.ts'
import type { RegistryContext } from './context.ts'
import { newSource, refuseStaleWriter } from './sources.ts'

/** Checks that a write for a source comes from the source's current writer. */
export type LeaseGuard = (source: string | undefined, token: number | undefined) => Promise<void>

/**
 * Creates a guard for one request; it reads the lease of each source once. If the lease changes between this read
 * and the write, the head refuses the write, because its token is lower than the last one seen.
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
