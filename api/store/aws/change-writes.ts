import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { VersionName } from '../../contract/version-name.ts'
import type { AtomicChange } from '../atomic-change.ts'
import type { VersionRecord } from '../records.ts'
import { type Adoption, adoptionWrites } from './adoption.ts'
import { feedWrites } from './feed.ts'
import type { StoredSnapshot, StoredVersion } from './record-json.ts'
import { claimsOfLabel } from './seeded-prompt.ts'
import { pointerWrites } from './set-rows.ts'
import {
  catalogWrite,
  eventWrite,
  frontMatterWrite,
  headWrite,
  indexWrites,
  nameWrites,
  revocationWrites,
  type SeenRow,
  versionWrite,
} from './writes.ts'

export const ITEMS_OF_A_TRANSACTION = 100

/**
 * All rows of a change, for one transaction. The rows of an adoption are included if they fit, else returned in
 * `early`: they are not visible before the prompt has a head, and a retry writes them again. `strays` are rows
 * that another program added to the prompt.
 */
export function changeWrites(
  table: string,
  change: AtomicChange,
  adoption: Adoption | null,
  stored: ReadonlyMap<VersionName, StoredVersion>,
  after: StoredSnapshot,
  strays: ReadonlyMap<VersionName, SeenRow>,
): { readonly items: readonly TransactWriteItem[]; readonly early: readonly TransactWriteItem[] } {
  const id = change.head.promptId
  const versions = [...stored.values()]
  const seenOf = (version: VersionName): SeenRow | 'nothing' | undefined =>
    adoption?.versions.get(version)?.seen ??
    strays.get(version) ??
    (change.content?.version === version ? 'nothing' : undefined)
  const own = [
    headWrite(table, change, after),
    catalogWrite(table, after),
    ...versions.map((one) => versionWrite(table, id, one, seenOf(one.record.version))),
    ...versions.flatMap((one) => revocationWrites(table, id, one)),
    ...versions.flatMap(({ record: version }) =>
      isNew(change, version) || strays.has(version.version) ? indexWrites(table, id, version) : [],
    ),
    ...versions.flatMap(({ record: version }) =>
      strays.has(version.version)
        ? claimsOfLabel(version).flatMap((claim) => nameWrites(table, id, claim))
        : [],
    ),
    ...(change.content === null ? [] : frontMatterWrite(table, id, change.content)),
    ...change.names.flatMap((claim) => nameWrites(table, id, claim)),
    ...change.events.map((event) => eventWrite(table, id, event)),
    ...feedWrites(table, change.events, after.feedAt),
    ...(change.pointers ?? []).flatMap((pointer) => pointerWrites(table, pointer)),
  ]
  const adopted = adoption === null ? [] : adoptionWrites(table, adoption, new Set(stored.keys()))
  const together = oneWriteARow([...own, ...adopted])
  if (together.length <= ITEMS_OF_A_TRANSACTION) return { items: together, early: [] }
  return { items: own, early: oneWriteARow(adopted) }
}

/** A transaction may write each row once, so versions with the same content share one row of labels. */
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
  const values = { ...item.Update.ExpressionAttributeValues, ...labels }
  return { Update: { ...item.Update, ExpressionAttributeValues: values } }
}

/** A change contains the content of at most one version, which is new or whose row was lost. */
export function isNew({ content }: AtomicChange, { version }: VersionRecord): boolean {
  return content?.version === version
}
