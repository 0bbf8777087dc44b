import { eachAtOnce } from '../contract/each-at-once.ts'
import type { PromptId } from '../contract/prompt-id.ts'
import type { PromptUse } from '../contract/prompt-use.ts'
import type { OperationContext } from './operation-context.ts'
import { useOfPrompt } from './reads.ts'

/** Concurrent reads of the store. */
const CONCURRENCY = 8

/** Those of the prompts that somebody read in the last days, by id. */
export async function promptsInUse(
  context: OperationContext,
  ids: readonly PromptId[],
): Promise<ReadonlyMap<PromptId, PromptUse>> {
  const used = new Map<PromptId, PromptUse>()
  await eachAtOnce(CONCURRENCY, ids, async (id) => {
    const use = await useOfPrompt(context, id)
    if (use !== null) used.set(id, use)
  })
  return used
}
