import type { PromptRow } from '../../../api/contract/registry-api.ts'
import { type ServingState, servingState } from '../../../api/contract/serving-state.ts'
import type { NewestRelease } from '../../pass/newest-releases.ts'

/** The prompts of a registry, under the name that a table shows. */
export interface RegistryPrompts {
  readonly name: string
  readonly rows: readonly PromptRow[]
}

/** The stable version of a prompt in a registry. */
export interface ServedPrompt {
  readonly release: string | null
  readonly version: string | null
  /** `null` if nothing is stable. */
  readonly identity: string | null
  /** `missing`: the registry does not have the prompt. */
  readonly state: ServingState | 'missing'
}

/** One prompt, compared by identity. */
export interface PromptDrift {
  readonly prompt_id: string
  /** `null` if no configured source has a release of it. */
  readonly git: NewestRelease | null
  /** By the name of the registry. */
  readonly registries: Readonly<Record<string, ServedPrompt>>
  /** Names of the registries that differ from git, or from the first registry if git has no release of it. */
  readonly differs: readonly string[]
}

const MISSING: ServedPrompt = { release: null, version: null, identity: null, state: 'missing' }

/** Compares git and registries, by prompt id. Pure. */
export function compareRegistries(
  git: ReadonlyMap<string, NewestRelease>,
  registries: readonly RegistryPrompts[],
): PromptDrift[] {
  const served = registries.map(({ name, rows }) => ({
    name,
    byId: new Map(rows.filter(({ deleted }) => !deleted).map((row) => [row.prompt_id, servedOf(row)])),
  }))
  const ids = new Set([...git.keys(), ...served.flatMap(({ byId }) => [...byId.keys()])])
  return [...ids].sort().map((prompt_id) => {
    const wanted = git.get(prompt_id) ?? null
    const all = served.map(({ name, byId }) => [name, byId.get(prompt_id) ?? MISSING] as const)
    const expected = wanted === null ? all[0]?.[1].identity : wanted.identity
    const differs = all.filter(([, { identity }]) => identity !== expected).map(([name]) => name)
    return { prompt_id, git: wanted, registries: Object.fromEntries(all), differs }
  })
}

function servedOf(row: PromptRow): ServedPrompt {
  const { stable_release: release, stable: version, stable_identity: identity } = row
  return { release, version, identity, state: servingState(row) }
}
