import { manifestOf } from '../../contract/folder-files.ts'
import type { PromptId } from '../../contract/prompt-id.ts'
import type { StoredFile } from '../atomic-change.ts'
import { fileKey } from './keys.ts'
import type { Texts } from './texts.ts'

/** The manifests and text files of skill folders: objects of the bucket, by digest. */

const AT_ONCE = 16

/** Stores the files of a new version. They are not visible before its row is. */
export async function storeFiles(
  texts: Texts,
  id: PromptId,
  files: readonly StoredFile[] = [],
): Promise<void> {
  await eachOf(files, ({ sha256, text }) => texts.storeFile(fileKey(id, sha256), text))
}

/** See `PromptStore.file`. */
export async function readFile(
  { texts }: { readonly texts: Texts },
  id: PromptId,
  sha256: string,
): Promise<string> {
  return texts.seen(sha256) ?? (await texts.get(fileKey(id, sha256), sha256))
}

/** Deletes the manifests with these digests and their files. The manifests go last, so that it can be repeated. */
export async function deleteFiles(texts: Texts, id: PromptId, manifests: ReadonlySet<string>): Promise<void> {
  const digests = new Set<string>()
  for (const sha256 of manifests) {
    const text = await texts.current(fileKey(id, sha256))
    for (const file of text === null ? [] : manifestOf(text.text)) digests.add(file.sha256)
  }
  const remove = (sha256: string) => texts.delete(fileKey(id, sha256), sha256)
  await eachOf([...digests], remove)
  await eachOf([...manifests], remove)
}

async function eachOf<T>(all: readonly T[], run: (one: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += AT_ONCE)
    await Promise.all(all.slice(from, from + AT_ONCE).map(run))
}
