import { LIMITS } from '../../api/contract/limits.ts'
import { promptIdProblem } from '../../api/contract/prompt-id.ts'
import { decodeFile } from '../../api/contract/reading/index.ts'
import type { GitSnapshot } from '../source/git-source.ts'
import { finishedTree } from './finished-tree.ts'
import { problemSentence } from './prompt-findings.ts'
import { partName, splitText } from './split-text.ts'
import type { LeftOutFile, PromptTree, TreePromptFile } from './tree.ts'

/** A tree in which each key of a split file is a file of its own. Throws `object_missing`. */
export async function splitTree(tree: PromptTree, snapshot: Pick<GitSnapshot, 'blobs'>): Promise<PromptTree> {
  const toSplit = tree.files.filter(({ split }) => split === true)
  if (toSplit.length === 0) return tree
  const byBlob = Map.groupBy(toSplit, ({ blob }) => blob)
  const ids = new Map(tree.ids)
  const files = tree.files.filter(({ split }) => split !== true)
  const quarantined: LeftOutFile[] = [...tree.quarantined]
  for await (const blob of snapshot.blobs(byBlob.keys(), LIMITS.fileBytes)) {
    for (const file of byBlob.get(blob.oid) ?? []) {
      ids.delete(file.path)
      const parts = partsOf(file, blob)
      if (typeof parts === 'string') quarantined.push({ path: file.path, blob: file.blob, reason: parts })
      else
        for (const { reason, ...part } of parts) {
          if (reason === undefined) ids.set(part.path, part.id)
          if (reason === undefined) files.push(part)
          else quarantined.push({ path: part.path, blob: part.blob, reason })
        }
    }
  }
  return finishedTree({ ...tree, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), quarantined, ids })
}

type PartOfFile = TreePromptFile & { readonly reason?: string | undefined }

function partsOf(
  { id, path, blob }: TreePromptFile,
  found: { readonly bytes: Uint8Array } | { readonly tooLarge: number },
): PartOfFile[] | string {
  if ('tooLarge' in found)
    return `The file has ${found.tooLarge} bytes; at most ${LIMITS.fileBytes} are allowed. Divide it into several files.`
  const text = decodeFile(found.bytes)
  if (typeof text !== 'string') return problemSentence(text)
  const keys = splitText(text).map(({ key }) => key)
  if (keys.length > LIMITS.splitKeys)
    return `The file has ${keys.length} keys; at most ${LIMITS.splitKeys} are allowed. Divide it into several files.`
  if (keys.length === 0) return 'It has no key to split it at. Write `key: value` at the start of a line.'
  return [...Map.groupBy(keys, (key) => key)].map(([key, same]): PartOfFile => {
    const name = `${id}/${key}`.normalize('NFC')
    const reason =
      same.length > 1 ? `The key "${key}" is there twice. Rename one of them.` : promptIdProblem(name)
    return { id: name, path: partName(path, key), blob: partName(blob, key), reason }
  })
}
