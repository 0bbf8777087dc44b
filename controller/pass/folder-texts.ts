import { LIMITS } from '../../api/contract/limits.ts'
import type { PushRequest } from '../../api/contract/registry-api.ts'
import type { PlannedChange, PushChange } from '../plan/changes.ts'
import { folderText } from '../prompts/folder-blobs.ts'
import type { GitSnapshot } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'

/** By blob, the text of a file of a skill folder. */
export type FolderTexts = ReadonlyMap<Oid, string>

/** Reads the text files of the skill folders of one request, which bounds them. Throws `object_missing`. */
export async function readFolderTexts(
  snapshot: Pick<GitSnapshot, 'blobs'>,
  changes: readonly PlannedChange[],
): Promise<FolderTexts> {
  const texts = new Map<Oid, string>()
  const files = changes.flatMap((change) => (change.do === 'push' ? (change.files ?? []) : []))
  const wanted = new Set(files.flatMap(({ blob, binary }) => (binary ? [] : [blob])))
  if (wanted.size === 0) return texts
  for await (const blob of snapshot.blobs(wanted, LIMITS.folderBytes)) {
    const text = 'bytes' in blob ? folderText(blob.bytes) : null
    if (typeof text === 'string') texts.set(blob.oid, text)
  }
  return texts
}

/** The files of a skill folder, as the registry takes them. */
export function pushedFiles({ files }: PushChange, texts: FolderTexts): Pick<PushRequest, 'files'> {
  if (files === undefined) return {}
  return {
    files: files.map(({ path, bytes, sha256, blob }) => {
      const text = texts.get(blob)
      return { path, bytes, sha256, ...(text !== undefined && { text }) }
    }),
  }
}
