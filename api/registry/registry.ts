import type { RegistryApi } from '../contract/registry-api.ts'
import type { Budget } from '../store/budget.ts'
import type { Caller } from './caller.ts'
import type { RegistryContext } from './context.ts'
import { KnownSets } from './known-sets.ts'
import { otherOperations } from './other-operations.ts'
import { Queues } from './queues.ts'
import { readOperations } from './read-operations.ts'
import { Readings } from './readings.ts'
import type { ReportFailure } from './report-failure.ts'
import type { ReportRead } from './report-read.ts'

/** The operations, bound to one caller. */
export interface Registry {
  /**
   * With a budget, for one request. Anything that exceeds it fails with `busy`. `failed` gets failures of single parts of
   * requests, `read` the versions that they were answered with.
   */
  as(caller: Caller, budget?: Budget, failed?: ReportFailure, read?: ReportRead): RegistryApi
}

const unreported = () => undefined

export function createRegistry(world: RegistryContext): Registry {
  const shared = {
    queues: new Queues(),
    pointerQueues: new Queues(),
    knownSets: new KnownSets(),
    readings: new Readings(),
  }
  return {
    as(caller, budget, failed = unreported, read = unreported) {
      const stores = budget === undefined ? undefined : world.within?.(budget)
      const { prompts, sources, sets, reads } = stores ?? world
      const context = { ...world, ...shared, prompts, sources, sets, reads, caller, failed, read }
      return { ...readOperations(context), ...otherOperations(context) }
    },
  }
}
