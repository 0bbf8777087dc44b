import { RegistryError } from '../contract/errors.ts'
import type { SourceHoldLine } from '../contract/release-line.ts'
import type { SetPointer } from '../store/set-records.ts'
import { requireSource } from './authority.ts'
import type { Caller } from './caller.ts'
import type { RegistryContext } from './context.ts'
import { newSource, refuseStaleWriter } from './sources.ts'

/** Checks that a write for a source comes from the source's current writer, and that the source is not held. */
export interface SourceGuard {
  /** Throws `forbidden`, `lease_held`, `lease_lost`. */
  lease(source: string | undefined, token: number | undefined): Promise<void>
  /** The hold that promotions of the source must respect. Throws `held` while a rollback of the source settles. */
  hold(source: string | undefined): Promise<SourceHoldLine | null>
}

/**
 * Creates a guard for one request; it reads the lease and the hold of each source once. If the lease changes between
 * this read and the write, the head refuses the write, because its token is lower than the last one seen. If the source
 * is rolled back in between, its prompts follow under a later lease.
 */
export function sourceGuard(
  { sources, sets, now }: Pick<RegistryContext, 'sources' | 'sets' | 'now'>,
  caller: Caller,
): SourceGuard {
  const recordOf = once((source) => sources.get(source))
  const pointerOf = once((source) => sets.pointer(source))
  return {
    async lease(source, token) {
      if (source === undefined) return
      requireSource(caller, source)
      refuseStaleWriter((await recordOf(source)) ?? newSource(source), token, now())
    },
    async hold(source) {
      const pointer = source === undefined ? undefined : await pointerOf(source)
      if (pointer?.settling === true) throw settling(pointer)
      return pointer?.hold ?? null
    },
  }
}

function once<T>(read: (source: string) => Promise<T>): (source: string) => Promise<T> {
  const readings = new Map<string, Promise<T>>()
  return (source) => {
    const reading = readings.get(source) ?? read(source)
    readings.set(source, reading)
    return reading
  }
}

function settling({ move: { source } }: SetPointer): RegistryError {
  return new RegistryError(
    'held',
    `The source "${source}" is being rolled back, so it promotes nothing; its next pass goes on.`,
    { details: { source } },
  )
}
