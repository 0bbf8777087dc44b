import type { PromptId } from '../../contract/prompt-id.ts'
import type { Storage } from './committing.ts'
import { deleteFiles } from './folder-files.ts'
import { type Key, keyOf, keyOfRow, promptHash, type Row, text } from './keys.ts'
import { labelOf, storedSnapshotOf, storedVersionOf } from './rows.ts'

/** Ranges of a prompt's partition that belong to its versions. Its head and its events stay. */
const OF_VERSIONS = ['front#', 'name#', 'order#', 'release#']
const AT_ONCE = 16

/** See `PromptStore.purge`. Keeps rows written by other programs: they are not ours to delete. */
export async function purgePrompt(storage: Storage, id: PromptId): Promise<void> {
  const { table, texts } = storage
  const found = await table.get(keyOf.head(id))
  const head = found && storedSnapshotOf(found).head
  if (head?.deleted === undefined) return
  const revoked = new Set<string>()
  const gone: Key[] = []
  const manifests = new Set<string>()
  const objects: { readonly key: string; readonly sha256: string }[] = []
  for await (const row of table.rows({ hash: head.promptId })) {
    const stored = storedVersionOf(row)
    if (stored === undefined) continue
    if (stored.record.status === 'revoked') revoked.add(stored.record.version)
    else gone.push(keyOfRow(row))
    if (stored.record.manifest) manifests.add(stored.record.manifest.sha256)
    objects.push({ key: stored.s3Key, sha256: stored.record.contentSha256 })
  }
  for (const range of OF_VERSIONS)
    for await (const row of table.rows({ hash: promptHash(id), from: range, to: `${range}\x7f` }))
      if (!revoked.has(labelIn(row, range))) gone.push(keyOfRow(row))
  await deleteFiles(texts, head.promptId, manifests)
  for (let from = 0; from < objects.length; from += AT_ONCE)
    await Promise.all(objects.slice(from, from + AT_ONCE).map(({ key, sha256 }) => texts.delete(key, sha256)))
  await table.delete(gone)
}

function labelIn(row: Row, range: string): string {
  return range === 'front#' ? (text(row.version) ?? '').slice(range.length) : labelOf(row)
}
