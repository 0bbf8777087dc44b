import type { Act } from './act.ts'
import type { Caller } from './caller.ts'
import type { RegistryContext } from './context.ts'
import type { KnownSets } from './known-sets.ts'
import type { Queues } from './queues.ts'
import type { Readings } from './readings.ts'
import type { ReportFailure } from './report-failure.ts'
import type { ReportRead } from './report-read.ts'

/** Shared by the operations of one caller. */
export interface OperationContext extends RegistryContext {
  /** By prompt. */
  readonly queues: Queues
  /** By source. */
  readonly pointerQueues: Queues
  readonly knownSets: KnownSets
  readonly caller: Caller
  readonly readings: Readings
  readonly failed: ReportFailure
  readonly read: ReportRead
}

export function actOf(context: OperationContext, reason: string | undefined): Act {
  return {
    actor: context.caller.actor,
    at: new Date(context.now()).toISOString(),
    reason: reason ?? null,
    newId: context.newId,
  }
}
