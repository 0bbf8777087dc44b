import type { Key, Row } from './keys.ts'
import type { Table } from './table.ts'

/**
 * Previews before the first release wrote rows without a schema, under labels that are no longer used. Deletes the
 * rows of their own partitions. From version rows, removes only what the registry added, so that other readers of
 * the table find them as before, and the registry sees them as seeded.
 */
export async function resetPreview(
  table: Table,
  onProgress: (rows: number) => void = () => {},
): Promise<number> {
  let rows = 0
  for await (const { keys } of table.scan(OF_A_PREVIEW)) {
    const ours = keys.filter(isOurs)
    await table.delete(ours)
    for (const key of keys) if (!isOurs(key)) await table.strip(key, 'record')
    rows += keys.length
    onProgress(rows)
  }
  return rows
}

/** Rows with a hash that cannot be a prompt id, and version rows with a record of ours. */
const OF_A_PREVIEW = {
  expression: 'attribute_not_exists(#schema) AND (begins_with(#hash, :ours) OR attribute_exists(#record))',
  values: { ':ours': { S: '#' } } satisfies Row,
  names: { '#schema': 'schema', '#record': 'record' },
}

function isOurs({ prompt_key }: Key): boolean {
  return prompt_key.startsWith('#')
}
