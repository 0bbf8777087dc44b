import { RegistryError } from '../contract/errors.ts'
import { promptIdKey } from '../contract/prompt-id.ts'
import type { BatchAnswer, BatchOperation, BatchOutcome, BatchRequest } from '../contract/registry-api.ts'
import { leaseGuard } from './lease-guard.ts'
import type { OperationContext } from './operation-context.ts'
import { upkeepOperations } from './upkeep-operations.ts'
import { releaseOperations } from './write-operations.ts'

/** Runs the operations of one prompt in order, and those of different prompts in parallel. */
export async function runBatch(context: OperationContext, request: BatchRequest): Promise<BatchAnswer> {
  const guard = leaseGuard(context, context.caller)
  const operations = { ...releaseOperations(context, guard), ...upkeepOperations(context, guard) }
  const outcomes: BatchOutcome[] = []
  const byPrompt = Map.groupBy(request.operations.entries(), ([, operation]) =>
    promptIdKey(operation.prompt_id),
  )
  await Promise.all(
    [...byPrompt.values()].map(async (ordered) => {
      let failure: BatchOutcome | undefined
      for (const [index, operation] of ordered) {
        const outcome = failure ?? (await outcomeOf(context, operation.prompt_id, run(operations, operation)))
        if (endsTheRest(outcome)) failure = outcome
        outcomes[index] = outcome
      }
    }),
  )
  return { outcomes }
}

/** The following operations depend on the failed one: a promotion would report that the prompt does not exist. */
function endsTheRest(outcome: BatchOutcome): boolean {
  return !outcome.ok && NOT_DONE.includes(outcome.code)
}

const NOT_DONE: readonly string[] = ['busy', 'unavailable', 'storage_full']

type Operations = ReturnType<typeof releaseOperations> & ReturnType<typeof upkeepOperations>

async function run(operations: Operations, operation: BatchOperation) {
  switch (operation.op) {
    case 'push': {
      const answer = await operations.push(operation)
      return { status: answer.created ? 201 : 200, result: answer }
    }
    case 'promote':
      return { status: 200, result: await operations.promote(operation.prompt_id, operation) }
    case 'alias':
      return { status: 200, result: await operations.addAlias(operation.prompt_id, operation) }
    case 'archive':
      return { status: 200, result: await operations.archive(operation) }
    case 'retire':
      return { status: 200, result: await operations.retire(operation) }
    case 'heal':
      return { status: 200, result: await operations.heal(operation) }
    default:
      return operation satisfies never
  }
}

async function outcomeOf(
  context: OperationContext,
  promptId: string,
  running: ReturnType<typeof run>,
): Promise<BatchOutcome> {
  try {
    return { ok: true, ...(await running) }
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    context.failed(promptId, error)
    return { ok: false, status: context.statusOf(error.code), ...error.toDocument() } as BatchOutcome
  }
}
