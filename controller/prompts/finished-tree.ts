import { firstNames } from '../../api/contract/first-names.ts'
import { promptIdKey } from '../../api/contract/prompt-id.ts'
import { LAYOUT_FILE } from './repository-layout.ts'
import type { PromptTree, TreePromptFile } from './tree.ts'

/** A tree without the files that share their prompt id. */
export function finishedTree(tree: PromptTree): PromptTree {
  const { files, quarantined } = tree
  const duplicates = duplicatesIn(files)
  const refused = files.flatMap(({ path, blob }) => {
    const reason = duplicates.get(path)
    return reason === undefined ? [] : [{ path, blob, reason }]
  })
  return {
    ...tree,
    files: duplicates.size === 0 ? files : files.filter((file) => !duplicates.has(file.path)),
    quarantined: [...quarantined, ...refused].sort((a, b) => (a.path < b.path ? -1 : 1)),
  }
}

const MOST_OTHERS = 5

/** The error message for every file whose id has the same key as that of another one, by path. */
function duplicatesIn(files: readonly TreePromptFile[]): Map<string, string> {
  const duplicates = new Map<string, string>()
  const keys = new Set(files.map(({ id }) => promptIdKey(id)))
  if (keys.size === files.length) return duplicates
  for (const group of Map.groupBy(files, ({ id }) => promptIdKey(id)).values()) {
    if (group.length === 1) continue
    const first = group.slice(0, MOST_OTHERS + 1).map(({ path }) => path)
    for (const { id, path } of group) {
      const others = firstNames(
        first.filter((other) => other !== path),
        MOST_OTHERS,
        group.length - 1,
      )
      duplicates.set(
        path,
        `Its prompt id "${id}" is also the id of ${others}; rename one of them, or set \`id:\` for one in ${LAYOUT_FILE}.`,
      )
    }
  }
  return duplicates
}
