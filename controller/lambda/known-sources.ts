import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { allPages } from '../../client/pages.ts'
import { parseState } from '../state/source-state.ts'
import type { KnownSources } from './due.ts'

/** A state can have a few hundred kilobytes, and a function's response at most 6 MB. */
const PAGE = 10

/** Reads the registry's record of every source, including sources no longer configured. */
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
