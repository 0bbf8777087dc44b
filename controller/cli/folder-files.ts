import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type FolderFile, folderPathProblem } from '../../api/contract/folder-files.ts'
import type { FolderFileQuery, RegistryApi } from '../../api/contract/registry-api.ts'
import { CommandError } from './failure.ts'

/** Agents of other accounts may read these files, but only their owner may change them, with any umask. */
export const FILE = { mode: 0o644 }
export const FOLDER = { recursive: true, mode: 0o755 }

const AT_ONCE = 20

/** A version with the files of its skill folder. */
export interface WithFiles {
  /** A reference with a pin. */
  readonly reference: string
  readonly files: readonly FolderFile[]
}

/**
 * Writes the text files of a skill folder below a folder. Throws `CommandError` for a path that leads elsewhere, before
 * it writes anything.
 */
export async function writeFolderFiles(
  api: Pick<RegistryApi, 'folderFile'>,
  folder: string,
  { reference, files }: WithFiles,
  query: FolderFileQuery,
): Promise<void> {
  for (const { path } of files) {
    const problem = folderPathProblem(path)
    if (problem !== undefined)
      throw new CommandError(
        'invalid_path',
        `The file "${path}" of "${reference}" is not written: ${problem}.`,
      )
  }
  const written = files.filter(({ binary }) => binary !== true)
  for (let from = 0; from < written.length; from += AT_ONCE)
    await Promise.all(
      written.slice(from, from + AT_ONCE).map(async ({ path }) => {
        const { text } = await api.folderFile(reference, path, query)
        const target = join(folder, path)
        await mkdir(dirname(target), FOLDER)
        await writeFile(target, text, FILE)
      }),
    )
}

/** The paths of the files that are not text, which the registry does not have. */
export function binaryPaths(files: readonly FolderFile[]): string[] {
  return files.filter(({ binary }) => binary === true).map(({ path }) => path)
}

/** Says why a file is missing from a folder that was written. */
export function notWritten(id: string, path: string): string {
  return `${path} of ${id} was not written, because the registry has no files that are not text. Copy it from the repository.`
}
