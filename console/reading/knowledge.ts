import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { Catalog } from './catalog.ts'
import { Journal } from './journal.ts'

/** The console's knowledge of the registry as one person sees it. */
export interface Knowledge {
  readonly catalog: Catalog
  readonly journal: Journal
}

/** Keeps the knowledge of each person apart, because each may see other prompts. */
export function createKnowledge(now: () => number): (api: RegistryApi) => Knowledge {
  const known = new WeakMap<RegistryApi, Knowledge>()
  return (api) => {
    const there = known.get(api)
    if (there !== undefined) return there
    const made = { catalog: new Catalog(api, now), journal: new Journal(api) }
    known.set(api, made)
    return made
  }
}
