import { dirname, join } from 'node:path'
import type { FolderFileQuery, RegistryApi, ResolvedPrompt } from '../../api/contract/registry-api.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { binaryPaths, notWritten, writeFolderFiles } from './folder-files.ts'
import { printNote } from './output.ts'

export interface Exported {
  readonly reference: string
  readonly etag: string
  readonly prompt: ResolvedPrompt
}

/** The file of a prompt with everything else that its identity covers, and how the registry reads it. */
export type ExportedFile = Pick<
  ResolvedPrompt,
  'file' | 'files' | 'additions' | 'sidecars' | 'messages' | 'template'
>

/** By reference. */
export type ExportedFiles = ReadonlyMap<string, ExportedFile>

/** Writes the text files of all skill folders below a folder. */
export async function writeSkills(
  api: RegistryApi,
  folder: string,
  found: readonly Exported[],
  files: ExportedFiles,
  query: FolderFileQuery,
  runtime: CliRuntime,
): Promise<void> {
  for (const { reference, prompt } of found) {
    const others = files.get(reference)?.files ?? []
    const pinned = `${prompt.prompt_id}@${prompt.version}`
    await writeFolderFiles(
      api,
      join(folder, skillFolder(reference)),
      { reference: pinned, files: others },
      query,
    )
    for (const path of binaryPaths(others)) printNote(runtime, notWritten(reference, path))
  }
}

/** The folder of `tidy/SKILL` is its own. Other prompts share theirs, so their files get one. */
function skillFolder(reference: string): string {
  return reference.endsWith('/SKILL') ? dirname(reference) : reference
}
