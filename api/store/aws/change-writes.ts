import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { VersionName } from '../../contract/version-name.ts'
import type { Change, VersionRecord } from '../records.ts'
import { type Adoption, adoptionWrites } from './adoption.ts'
import type { StoredSnapshot, StoredVersion } from './rows.ts'
import { catalogWrite, eventWrite, headWrite, indexWrites, nameWrites, versionWrite } from './writes.ts'

export const ITEMS_OF_A_TRANSACTION = 100

/**
 * All rows of the change for one transaction. The rows of an adoption go with them where they fit, else `early`:
 * nothing shows them before the prompt has a head, and a repeated attempt writes them again.
 */
export function changeWrites(
  table: string,
  change: Change,
  adoption: Adoption | null,
  stored: ReadonlyMap<VersionName, StoredVersion>,
  after: StoredSnapshot,
): { readonly items: readonly TransactWriteItem[]; readonly early: readonly TransactWriteItem[] } {
  const id = change.head.promptId
  const versions = [...stored.values()]
  const own = [
    headWrite(table, change, after),
    catalogWrite(table, after),
    ...versions.map((one) => versionWrite(table, id, one, adoption?.versions.get(one.version.label)?.seen)),
    ...versions.flatMap(({ version }) => (isNew(change, version) ? indexWrites(table, id, version) : [])),
    ...change.names.flatMap((claim) => nameWrites(table, id, claim)),
    ...change.events.map((event) => eventWrite(table, id, event)),
  ]
  const adopted = adoption === null ? [] : adoptionWrites(table, adoption, new Set(stored.keys()))
  const together = oneWriteARow([...own, ...adopted])
  if (together.length <= ITEMS_OF_A_TRANSACTION) return { items: together, early: [] }
  return { items: own, early: oneWriteARow(adopted) }
}

/** A transaction may touch a row once, and versions with one text add their labels to one row. */
function oneWriteARow(items: readonly TransactWriteItem[]): TransactWriteItem[] {
  const byRow = new Map<string, TransactWriteItem>()
  for (const item of items) {
    const key = item.Update?.Key ?? item.Put?.Item
    const id = JSON.stringify([key?.prompt_key, key?.version])
    const before = byRow.get(id)
    byRow.set(id, before === undefined ? item : withLabelsOf(item, before))
  }
  return [...byRow.values()]
}

function withLabelsOf(item: TransactWriteItem, other: TransactWriteItem): TransactWriteItem {
  const [own, others] = [item, other].map((one) => one.Update?.ExpressionAttributeValues?.[':label']?.SS)
  if (item.Update === undefined || own === undefined || others === undefined) return item
  const labels = { ':label': { SS: [...new Set([...others, ...own])] } }
  return { Update: { ...item.Update, ExpressionAttributeValues: labels } }
}

/** A change brings the text of one new version, which is the last by order. */
export function isNew({ content, head }: Change, version: VersionRecord): boolean {
  return content !== null && version.contentSha256 === content.sha256 && version.order === head.versionCount
}
