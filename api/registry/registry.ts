import type { RegistryApi } from '../contract/registry-api.ts'
import { runBatch } from './batch.ts'
import type { Caller } from './caller.ts'
import type { RegistryContext } from './context.ts'
import { readOperations } from './read-operations.ts'
import { sourceOperations } from './source-operations.ts'
import { PromptQueues } from './transact.ts'
import { emergencyOperations, releaseOperations } from './write-operations.ts'

/** The operations, bound to whoever calls them. */
export interface Registry {
  as(caller: Caller): RegistryApi
}

export function createRegistry(world: RegistryContext): Registry {
  const queues = new PromptQueues()
  return {
    as(caller) {
      const context = { ...world, queues, caller }
      return {
        ...readOperations(context),
        ...releaseOperations(context),
        ...emergencyOperations(context),
        ...sourceOperations(context),
        batch: (request) => runBatch(context, request),
      }
    },
  }
}
