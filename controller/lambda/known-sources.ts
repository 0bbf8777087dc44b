import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { allPages } from '../../client/pages.ts'
import { parseState } from '../state/source-state.ts'
import type { KnownSources } from './due.ts'

/** A state may have a few hundred kilobytes, and a function answers with 6 MB at most. */
const PAGE = 10

/** What the registry knows of every source, also of those that are configured no more. */
export async function readKnownSources(api: RegistryApi, signal: AbortSignal): Promise<KnownSources> {
  const documents = allPages(
    (page) => api.sources({ limit: PAGE, ...page }, { signal }),
    ({ sources }) => sources,
  )
  const known = await Array.fromAsync(
    documents,
    ({ name, state, lease }) => [name, { state: parseState(state), busy: lease !== null }] as const,
  )
  return new Map(known)
}
