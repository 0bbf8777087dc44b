import { setTimeout as pause } from 'node:timers/promises'
import { RegistryError } from '../contract/errors.ts'
import { type PromptId, promptIdKey } from '../contract/prompt-id.ts'
import { type Backoff, backoffMs } from '../contract/retry.ts'
import type { Snapshot } from '../store/records.ts'
import { requirePrefix } from './authority.ts'
import { type CommitContext, commitChange } from './commit-change.ts'
import type { OperationContext } from './operation-context.ts'
import type { EditStep } from './prompt-edit.ts'

const ATTEMPTS = 30
const BACKOFF: Backoff = { firstMs: 5, longestMs: 50 }

/**
 * Reads the prompt, lets the operation decide, and commits. On a conflict with another process it starts over, so
 * every decision is based on the state it changes. Throws the errors of `decide`, `forbidden` if the caller may
 * not change this id, and `busy` if every attempt conflicts.
 */
export async function transact<A>(
  context: CommitContext & Pick<OperationContext, 'random' | 'caller' | 'queues'>,
  id: PromptId,
  decide: (snapshot: Snapshot | undefined) => Promise<EditStep<A>>,
): Promise<A> {
  requirePrefix(context.caller, id)
  return await context.queues.run(promptIdKey(id), async () => {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const snapshot = await context.prompts.snapshot(id)
      const { change, answer, byHand } = await decide(snapshot)
      if (change === null || (await commitChange(context, snapshot, change, byHand))) return answer
      await pause(backoffMs(attempt, BACKOFF, context.random()))
    }
    throw new RegistryError(
      'busy',
      `Too many concurrent changes of the prompt "${id}"; try again in a moment.`,
    )
  })
}
