import { promptIdKey } from '../../api/contract/prompt-id.ts'
import type { LookedUpPrompt } from '../../api/contract/registry-api.ts'
import { compareReleases } from '../../api/contract/release.ts'
import type { PromptTree } from '../prompts/tree.ts'
import { compareReleaseTags } from '../releases/coverage.ts'
import type { ReadPart, Versions } from './gather-work.ts'
import { merged } from './look-up.ts'
import type { ReleaseFiles } from './release-files.ts'

/** The id under which the registry has a prompt, or will have it. */
export type IdOf = (id: string) => string

export interface OneSpelling extends Pick<ReadPart, 'versions' | 'registry'> {
  readonly idOf: IdOf
}

/**
 * Ids that differ only by case, or by compatible characters, are one prompt. A file that is renamed so stays the same
 * prompt, under the id that the registry has; of a new prompt, that of its lowest release, so that a registry that is
 * built from git again has the same id. A prompt of another source keeps its own. Pure.
 */
export function inOneSpelling({ releaseFiles, versions, registry }: ReadPart, source: string): OneSpelling {
  const idOf = idsOf(knownIds(versions, registry, source))
  const drafts = versions.drafts.map((draft) => ({ ...draft, id: idOf(draft.id) }))
  const releases = releasesById(versions.releases, releaseFiles, idOf)
  const found = new Map<string, LookedUpPrompt>()
  for (const [id, one] of registry) found.set(idOf(id), merged(found.get(idOf(id)), one))
  const gone = [...new Set(versions.gone.map(idOf))]
  return { versions: { drafts, releases, gone }, registry: found, idOf }
}

/** Of ids that are one prompt, the first of `known`. */
export function idsOf(known: Iterable<string>): IdOf {
  const ids = new Map<string, string>()
  for (const id of known) if (!ids.has(promptIdKey(id))) ids.set(promptIdKey(id), id)
  return (id) => ids.get(promptIdKey(id)) ?? id
}

/** The tree with the registry's ids. */
export function spelled(tree: PromptTree, idOf: IdOf): PromptTree {
  return {
    ...tree,
    files: tree.files.map((file) => ({ ...file, id: idOf(file.id) })),
    ids: new Map([...tree.ids].map(([path, id]) => [path, idOf(id)])),
  }
}

/** Ids in the order in which they count. */
function knownIds({ drafts, releases }: Versions, registry: ReadPart['registry'], source: string): string[] {
  const rows = [...registry.values()].flatMap(({ prompt }) =>
    prompt !== null && (prompt.source ?? source) === source ? [prompt.prompt_id] : [],
  )
  const released = [...releases]
    .flatMap(([id, all]) => all.slice(-1).map(({ release }) => ({ id, release })))
    .sort((a, b) => compareReleases(a.release, b.release))
  return [...rows, ...released.map(({ id }) => id), ...drafts.map(({ id }) => id)]
}

function releasesById(
  releases: Versions['releases'],
  files: ReleaseFiles['files'],
  idOf: IdOf,
): Versions['releases'] {
  const byId = Map.groupBy([...releases], ([id]) => idOf(id))
  if (byId.size === releases.size)
    return new Map(
      [...byId].map(([id, [one]]) => [id, (one?.[1] ?? []).map((release) => ({ ...release, id }))]),
    )
  const tags = [...files.values()].flatMap((all) => all.map(({ tag }) => tag)).sort(compareReleaseTags)
  const place = new Map(tags.map(({ tag }, index) => [tag, index]))
  const placeOf = ({ tag }: { readonly tag: string }) => place.get(tag) ?? 0
  return new Map(
    [...byId].map(([id, lists]) => {
      const all = lists.flatMap(([, list]) => list.map((release) => ({ ...release, id })))
      return [id, all.sort((a, b) => placeOf(a) - placeOf(b))]
    }),
  )
}
