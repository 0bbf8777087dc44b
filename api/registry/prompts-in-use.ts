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
  for (let from = 0; from < ids.length; from += CONCURRENCY) {
    const some = ids.slice(from, from + CONCURRENCY)
    const uses = await Promise.all(some.map((id) => useOfPrompt(context, id)))
    for (const [index, id] of some.entries()) {
      const use = uses[index]
      if (use != null) used.set(id, use)
    }
  }
  return used
}
