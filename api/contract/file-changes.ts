import type { FolderFile } from './folder-files.ts'
import { type Sidecars, sha256 } from './version.ts'

/** The differences between the files that belong to two versions, besides the prompt file. Paths, sorted. */
export interface FileChanges {
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly removed: readonly string[]
}

/** By path, a digest of a file. */
export type FileDigests = ReadonlyMap<string, string>

/** The digests of the sidecars and the other files of a version. */
export function fileDigests(
  sidecars: Sidecars | null | undefined,
  files: readonly Pick<FolderFile, 'path' | 'sha256'>[] | null | undefined,
): FileDigests {
  const texts = Object.entries(sidecars?.texts ?? {}).map(([name, text]) => [name, sha256(text)] as const)
  return new Map([...texts, ...(files ?? []).map((file) => [file.path, file.sha256] as const)])
}

/** `null` if the files are the same. */
export function compareFiles(before: FileDigests, after: FileDigests): FileChanges | null {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort()
  const added = paths.filter((path) => !before.has(path))
  const removed = paths.filter((path) => !after.has(path))
  const changed = paths.filter(
    (path) => before.has(path) && after.has(path) && before.get(path) !== after.get(path),
  )
  return added.length + removed.length + changed.length === 0 ? null : { added, changed, removed }
}

const MOST_NAMES = 10

/** Such as `Files: +1 ~1 -0 (+references/more.md, ~references/style.md)`. */
export function filesSentence({ added, changed, removed }: FileChanges): string {
  const names = [
    ...added.map((path) => `+${path}`),
    ...changed.map((path) => `~${path}`),
    ...removed.map((path) => `-${path}`),
  ]
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''
  const shown = names.slice(0, MOST_NAMES).join(', ')
  return `Files: +${added.length} ~${changed.length} -${removed.length} (${shown}${more})`
}
