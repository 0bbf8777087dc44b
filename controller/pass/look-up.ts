import { LIMITS } from '../../api/contract/limits.ts'
import type { LookedUpPrompt, LookupRequest } from '../../api/contract/registry-api.ts'
import type { DesiredRelease } from '../plan/plan-input.ts'
import type { DesiredVersion } from '../prompts/read-files.ts'

/** The lookups that a plan needs from the registry. Pure. */

export interface Lookup {
  readonly prompt_id: string
  readonly names: string[]
  readonly identities: string[]
  readonly contents: string[]
}

/** One lookup per prompt: its row, and those of git's versions and releases that the registry has. */
export function lookupsOf(
  drafts: readonly DesiredVersion[],
  releases: ReadonlyMap<string, readonly DesiredRelease[]>,
  gone: readonly string[],
): Lookup[] {
  const draftOf = new Map(drafts.map((draft) => [draft.id, draft]))
  const ids = new Set([...draftOf.keys(), ...releases.keys(), ...gone])
  return [...ids].map((id) => {
    const released = releases.get(id) ?? []
    const draft = draftOf.get(id)
    const versions = draft === undefined ? released : [...released, draft]
    return {
      prompt_id: id,
      names: distinct([...released.map(({ release }) => release), ...versions.map(({ version }) => version)]),
      identities: distinct(
        versions.flatMap(({ identity, aloneIdentity }) => [
          identity,
          ...(aloneIdentity ? [aloneIdentity] : []),
        ]),
      ),
      contents: distinct(versions.map(({ contentSha256 }) => contentSha256)),
    }
  })
}

/** Packs lookups into requests within the registry's limits. A lookup with too many keys is split into parts. */
export function lookupRequests(lookups: readonly Lookup[]): LookupRequest[] {
  const requests: { prompts: Lookup[] }[] = []
  let keys = 0
  for (const part of lookups.flatMap(partsOf)) {
    const size = part.names.length + part.identities.length + part.contents.length
    const last = requests.at(-1)
    const isFull = last === undefined || last.prompts.length === LIMITS.batch
    if (isFull || keys + size > LIMITS.lookupKeysInAll) {
      requests.push({ prompts: [part] })
      keys = size
    } else {
      last.prompts.push(part)
      keys += size
    }
  }
  return requests
}

function partsOf({ prompt_id, names, identities, contents }: Lookup): Lookup[] {
  const most = LIMITS.lookupKeys
  const parts = Math.max(1, ...[names, identities, contents].map((keys) => Math.ceil(keys.length / most)))
  return Array.from({ length: parts }, (_, part) => {
    const some = (keys: readonly string[]) => keys.slice(part * most, (part + 1) * most)
    return { prompt_id, names: some(names), identities: some(identities), contents: some(contents) }
  })
}

/** Merges the answers to two parts of one lookup. */
export function merged(a: LookedUpPrompt | undefined, b: LookedUpPrompt): LookedUpPrompt {
  if (a === undefined) return b
  return {
    ...b,
    names: { ...a.names, ...b.names },
    versions: [...a.versions, ...b.versions],
    revoked_contents: [...a.revoked_contents, ...b.revoked_contents],
    problem: a.problem ?? b.problem,
  }
}

function distinct(keys: readonly string[]): string[] {
  return [...new Set(keys)]
}
