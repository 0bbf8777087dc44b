import type { RegistryApi } from '../contract/registry-api.ts'
import { deferred } from '../store/deferred.ts'
import type { OperationContext } from './operation-context.ts'
import type { Reads } from './read-operations.ts'

type Others = Omit<RegistryApi, keyof Reads>

const METHODS: Readonly<Record<keyof Others, true>> = {
  push: true,
  batch: true,
  promote: true,
  addAlias: true,
  rollback: true,
  revoke: true,
  hold: true,
  unhold: true,
  transfer: true,
  attest: true,
  evidence: true,
  sources: true,
  source: true,
  recordSource: true,
  ledger: true,
  findings: true,
  forget: true,
  lease: true,
  currentSet: true,
  setMoves: true,
  moveSet: true,
  rollbackSource: true,
  releaseSet: true,
  keepSet: true,
}

/** All operations except those that read prompts. Their code is loaded at the first call of one. */
export function otherOperations(context: OperationContext): Others {
  return deferred<Others>(METHODS, async () => {
    const { writesWithDryRun, sourceOperations, setOperations, evidenceOperations, runBatch } = await import(
      './on-demand.ts'
    )
    return {
      ...writesWithDryRun(context),
      ...sourceOperations(context),
      ...setOperations(context),
      ...evidenceOperations(context),
      batch: (request) => runBatch(context, request),
    }
  })
}
