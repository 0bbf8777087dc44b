import { LIMITS } from './limits.ts'

/** The prompt file of a skill folder. All other files below the folder belong to its prompt. */
export const SKILL_FILE = 'SKILL.md'

/** A file below the folder of a prompt file. */
export interface FolderFile {
  /** From the folder, `/` between segments. */
  readonly path: string
  readonly bytes: number
  /** As `sha256sum` prints it. */
  readonly sha256: string
  /** Not UTF-8, or with NUL characters: the registry has only its digest. */
  readonly binary?: true | undefined
}

/** The part of a manifest in the record of a version. The manifest is stored by its digest like the files in it. */
export interface ManifestDigest {
  readonly sha256: string
  /** Number of files. */
  readonly count: number
  /** Of all files together. */
  readonly bytes: number
}

/** The stored text of a manifest. */
export function manifestText(files: readonly FolderFile[]): string {
  return JSON.stringify(
    files.map(({ path, bytes, sha256, binary }) => ({ path, bytes, sha256, ...(binary && { binary }) })),
  )
}

/** The manifest in its stored text. */
export function manifestOf(text: string): readonly FolderFile[] {
  return JSON.parse(text)
}

/** Explains why a path cannot be that of a file in a folder; `undefined` if it can. */
export function folderPathProblem(path: string): string | undefined {
  const bytes = Buffer.byteLength(path)
  if (bytes > LIMITS.folderPathBytes)
    return `its path has ${bytes} bytes; at most ${LIMITS.folderPathBytes} are allowed`
  const isOdd = path.split('/').some((segment) => ['', '.', '..'].includes(segment))
  if (isOdd || /[\\\p{C}\p{Zl}\p{Zp}\uFFFD]/u.test(path))
    return 'its path has a backslash, an invisible character, or a segment that is empty, "." or ".."'
  return undefined
}

/** Explains why a folder has too many files, or too large ones; `undefined` if it has not. */
export function folderSizeProblem(files: readonly { readonly bytes: number }[]): string | undefined {
  if (files.length > LIMITS.folderFiles)
    return `The folder has ${files.length} other files; at most ${LIMITS.folderFiles} are allowed.`
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  if (bytes <= LIMITS.folderBytes) return undefined
  return `The other files of the folder have ${bytes} bytes together; at most ${LIMITS.folderBytes} are allowed.`
}
