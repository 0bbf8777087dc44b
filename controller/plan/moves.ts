import { promptIdKey } from '../../api/contract/prompt-id.ts'
import type { Move } from '../prompts/layout-fields.ts'
import type { PromptTree, TreePromptFile } from '../prompts/tree.ts'

/** The ids under which the branch has prompts now, by the ids under which it had them. */
export type Moves = ReadonlyMap<string, string>

/** The moves that the repository declares, of prompts that are gone. A target that the branch lacks counts too. */
export function declaredMoves(
  moved: readonly Move[],
  { idPrefix, branchIds }: { readonly idPrefix: string; readonly branchIds: ReadonlySet<string> },
  gone: Iterable<string>,
): Moves {
  if (moved.length === 0) return new Map()
  const there = new Map([...branchIds].map((id) => [promptIdKey(id), id]))
  const spelled = (id: string) => there.get(promptIdKey(id))
  const targets = new Map(
    moved.flatMap(({ from, to }) => {
      const target = spelled(idPrefix + to) ?? spelled(to) ?? to
      return [from, idPrefix + from].map((id) => [promptIdKey(id), target] as const)
    }),
  )
  return new Map(
    [...gone].flatMap((id) => {
      const target = targets.get(promptIdKey(id))
      return target === undefined ? [] : [[id, target] as const]
    }),
  )
}

type Tree = Pick<PromptTree, 'files' | 'ids'>

/**
 * The prompts whose content is unchanged under another id. Everything between the two trees is one change, however many
 * commits it has. If several prompts that are gone or new have the same content, nobody knows which one moved, so none did.
 */
export function movesBetween(before: Tree, after: Tree): Moves {
  const gone = byContent(filesWithoutIds(before, after))
  const added = byContent(filesWithoutIds(after, before))
  return new Map(
    [...gone].flatMap(([content, [from, ...others]]) => {
      const [to, ...rivals] = added.get(content) ?? []
      if (from === undefined || to === undefined || others.length + rivals.length > 0) return []
      return [[from.id, to.id] as const]
    }),
  )
}

function filesWithoutIds({ files }: Tree, { ids }: Tree): TreePromptFile[] {
  const known = new Set(ids.values())
  return files.filter(({ id }) => !known.has(id))
}

/** Sidecars and the other files of a skill folder are part of the content. */
function byContent(files: readonly TreePromptFile[]): Map<string, TreePromptFile[]> {
  return Map.groupBy(files, ({ blob, sidecars = [], folder }) =>
    JSON.stringify([blob, sidecars, folder?.files ?? []]),
  )
}
