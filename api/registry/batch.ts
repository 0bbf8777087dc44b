import { RegistryError } from '../contract/errors.ts'
import { promptIdKey } from '../contract/prompt-id.ts'
import type { BatchAnswer, BatchOperation, BatchOutcome, BatchRequest } from '../contract/registry-api.ts'
import { type SourceGuard, sourceGuard } from './source-guard.ts'
import type { OperationContext } from './operation-context.ts'
import { pendingChange } from './pending-change.ts'
import { upkeepOperations } from './upkeep-operations.ts'
import { releaseOperations } from './write-operations.ts'

/** Runs the operations of one prompt in order, and those of different prompts in parallel. */
export async function runBatch(context: OperationContext, request: BatchRequest): Promise<BatchAnswer> {
  const guard = sourceGuard(context, context.caller)
  const outcomes: BatchOutcome[] = []
  const byPrompt = Map.groupBy(request.operations.entries(), ([, operation]) =>
    promptIdKey(operation.prompt_id),
  )
  await Promise.all(
    [...byPrompt.values()].map(async (entries) => {
      const operations = entries.map(([, operation]) => operation)
      const made =
        (await runAsOneChange(context, guard, operations)) ?? (await runInOrder(context, guard, operations))
      for (const [n, outcome] of made.entries()) outcomes[entries[n]?.[0] ?? 0] = outcome
    }),
  )
  return { outcomes }
}

async function runInOrder(
  context: OperationContext,
  guard: SourceGuard,
  ordered: readonly BatchOperation[],
): Promise<BatchOutcome[]> {
  const operations = { ...releaseOperations(context, guard), ...upkeepOperations(context, guard) }
  const outcomes: BatchOutcome[] = []
  for (const operation of ordered) {
    const last = outcomes.at(-1)
    const isEnded = last !== undefined && endsTheRest(last)
    outcomes.push(isEnded ? last : await outcomeOf(context, operation.prompt_id, run(operations, operation)))
  }
  return outcomes
}

/**
 * A new prompt is pushed and promoted with one commit, which saves a first sync a third of its statements and half
 * of its commits. `undefined` if it is not just that, or another writer was faster.
 */
async function runAsOneChange(
  context: OperationContext,
  guard: SourceGuard,
  ordered: readonly BatchOperation[],
): Promise<BatchOutcome[] | undefined> {
  if (ordered.map(({ op }) => op).join() !== 'push,promote') return undefined
  const pending = pendingChange(context.prompts)
  const outcomes = await runInOrder({ ...context, prompts: pending.prompts }, guard, ordered)
  const change = pending.change()
  if (change === null) return outcomes
  const committed = await context.prompts
    .commit(change)
    .catch((error) => failureOf(context, change.promptId, error))
  if (committed === false) return undefined
  return committed === true ? outcomes : ordered.map(() => committed)
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
    case 'settle':
      return { status: 200, result: await operations.settle(operation) }
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
    return failureOf(context, promptId, error)
  }
}

function failureOf({ failed, statusOf }: OperationContext, promptId: string, error: unknown): BatchOutcome {
  if (!(error instanceof RegistryError)) throw error
  failed(promptId, error)
  return { ok: false, status: statusOf(error.code), ...error.toDocument() } as BatchOutcome
}
