import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { allPages } from '../../client/pages.ts'
import { parseState } from '../source-state.ts'
import type { KnownStates } from './due.ts'

/** A state may have a few hundred kilobytes, and a function answers with 6 MB at most. */
const PAGE = 10

/** What passes left of every source, also of those that are configured no more. */
export async function readStates(api: RegistryApi, signal: AbortSignal): Promise<KnownStates> {
  const documents = allPages(
    (page) => api.sources({ limit: PAGE, ...page }, { signal }),
    ({ sources }) => sources,
  )
  const states = await Array.fromAsync(documents, ({ name, state }) => [name, parseState(state)] as const)
  return new Map(states)
}
