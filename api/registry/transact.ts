import { type PromptId, promptIdKey } from '../contract/prompt-id.ts'
import type { Snapshot } from '../store/records.ts'
import { requirePrefix } from './authority.ts'
import { type CommitContext, commitChange } from './commit-change.ts'
import type { OperationContext } from './operation-context.ts'
import type { EditStep } from './prompt-edit.ts'
import { CONFLICT, retried } from './retried.ts'

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
  return await context.queues.run(promptIdKey(id), () =>
    retried(context, `changes of the prompt "${id}"`, async () => {
      const snapshot = await context.prompts.snapshot(id)
      const { change, answer, byHand } = await decide(snapshot)
      const isMade = change === null || (await commitChange(context, snapshot, change, byHand))
      return isMade ? answer : CONFLICT
    }),
  )
}
