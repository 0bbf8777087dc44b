import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { sha256 } from '../../../api/contract/version.ts'
import { allRows, putRows, putText, type WorldCopy } from './registry.ts'
import type { AwsWorld } from './world.ts'

type Row = WorldCopy['rows'][number]

/**
 * Fills a prompt with `count` versions with about 200 bytes of description each. Pushes the first two through the
 * registry, and copies the rows of the second for the others, because ten thousand pushes would take an hour here.
 */
export async function fillPrompt(
  world: AwsWorld,
  api: RegistryApi,
  id: string,
  count: number,
): Promise<void> {
  const push = (order: number) =>
    api.push({ prompt_id: id, content: textOf(order), version: labelOf(order), description: 'd'.repeat(200) })
  await push(1)
  await api.promote(id, { version: labelOf(1) })
  if (count === 1) return
  await push(2)
  const all = await allRows(world)
  const hash = `#prompt#${id.toLowerCase()}`
  const ofTwo = all.filter((row) => {
    const own = row.prompt_key?.S === id || row.prompt_key?.S === hash
    return (
      own &&
      JSON.stringify(row).includes(labelOf(2)) &&
      row.version?.S !== 'head' &&
      !row.version?.S?.startsWith('event#')
    )
  })
  const copies: Row[] = []
  for (let order = 3; order <= count; order++) {
    // Only the last ones can be found by name: fewer rows keep the emulator usable.
    const found = order > count - 100 ? ofTwo : ofTwo.filter(isListed)
    copies.push(...found.map((row) => copied(row, order)))
  }
  // The head and the catalog count the versions.
  for (const row of all) {
    const record = row.record?.S
    const isHead = row.prompt_key?.S === hash && row.version?.S === 'head'
    const inCatalog = row.prompt_key?.S === '#catalog' && row.version?.S === id
    if (record === undefined || !(isHead || inCatalog)) continue
    copies.push({ ...row, record: { S: record.replace('"versionCount":2', `"versionCount":${count}`) } })
  }
  await putRows(world, copies)
  await putText(world, `${id}/${labelOf(count)}.txt`, textOf(count))
}

export const textOf = (order: number) => `text number ${order}`
export const labelOf = (order: number) => `label-${String(order).padStart(5, '0')}`

/** A version, or its place in the order. */
function isListed({ prompt_key, version }: Row): boolean {
  return prompt_key?.S?.startsWith('#') !== true || version?.S?.startsWith('order#') === true
}

function copied(row: Row, order: number): Row {
  const text = JSON.stringify(row)
    .replaceAll(labelOf(2), labelOf(order))
    .replaceAll(sha256(textOf(2)), sha256(textOf(order)))
    .replaceAll('order#0000000000000002', `order#${String(order).padStart(16, '0')}`)
    .replaceAll('\\"order\\":2', `\\"order\\":${order}`)
  return JSON.parse(text)
}
