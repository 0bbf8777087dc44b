import { RegistryError } from '../contract/errors.ts'
import { type FolderFile, manifestOf } from '../contract/folder-files.ts'
import type { PromptId } from '../contract/prompt-id.ts'
import type { FolderFileAnswer } from '../contract/registry-api.ts'
import type { PromptStore } from '../store/prompt-store.ts'
import type { VersionRecord } from '../store/records.ts'
import type { ChosenVersion } from './chosen-version.ts'

type Files = Pick<PromptStore, 'file'>

/** The other files of the skill folder of a version; `null` if there are none. */
export async function filesOf(
  prompts: Files,
  id: PromptId,
  { manifest }: VersionRecord,
): Promise<readonly FolderFile[] | null> {
  return manifest == null ? null : manifestOf(await prompts.file(id, manifest.sha256))
}

/** A file of the skill folder of a version. Throws `not_found` if the version has none at this path. */
export async function folderFile(
  prompts: Files,
  { head: { promptId: id }, version }: Pick<ChosenVersion, 'head' | 'version'>,
  path: string,
): Promise<FolderFileAnswer> {
  const files = await filesOf(prompts, id, version)
  const found = files?.find((file) => file.path === path)
  const details = { prompt_id: id, version: version.version, path }
  if (found === undefined) {
    const what = files === null ? 'has no other files' : `has no file "${path}"`
    throw new RegistryError(
      'not_found',
      `Version ${version.version} of "${id}" ${what}; list its files with ?include=file.`,
      { details },
    )
  }
  if (found.binary) {
    throw new RegistryError(
      'not_found',
      `The file "${path}" of "${id}" is not text, so the registry has only its digest; get it from the repository of the prompt.`,
      { details: { ...details, sha256: found.sha256, binary: true } },
    )
  }
  const { bytes, sha256 } = found
  return { prompt_id: id, path, bytes, sha256, text: await prompts.file(id, sha256) }
}
