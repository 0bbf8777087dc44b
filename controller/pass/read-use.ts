import { eachAtOnce } from '../../api/contract/each-at-once.ts'
import { RegistryError } from '../../api/contract/errors.ts'
import { type PromptUse, useIn } from '../../api/contract/prompt-use.ts'
import { READS_DAYS } from '../../api/contract/reads.ts'
import { callOptions, type PassInput } from './pass-input.ts'

/** Concurrent requests. */
const CONCURRENCY = 8

/** Those of the prompts that somebody read in the last days, by id. Rejects if the registry cannot answer. */
export async function readUse(
  input: Pick<PassInput, 'api' | 'signal'>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, PromptUse>> {
  const used = new Map<string, PromptUse>()
  await eachAtOnce(CONCURRENCY, ids, async (id) => {
    const use = await useOf(input, id)
    if (use !== null) used.set(id, use)
  })
  return used
}

async function useOf(
  { api, signal }: Pick<PassInput, 'api' | 'signal'>,
  id: string,
): Promise<PromptUse | null> {
  try {
    return useIn(await api.reads(id, { days: READS_DAYS.inUse }, callOptions(signal)))
  } catch (error) {
    if (error instanceof RegistryError && UNREAD.includes(error.code)) return null
    throw error
  }
}

/** An older registry counts no reads, and a prompt that the plan makes has none. */
const UNREAD: readonly RegistryError['code'][] = ['route_not_found', 'not_found', 'gone']
