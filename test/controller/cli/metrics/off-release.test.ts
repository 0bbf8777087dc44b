import { expect, test } from 'vitest'
import type { RegistryApi } from '../../../../api/contract/registry-api.ts'
import { createOffReleaseCount } from '../../../../controller/cli/metrics/off-release.ts'
import { makeRegistry, pushText, release } from '../../../support/registry.ts'

const MINUTE_MS = 60_000

/** A registry with three prompts of the source `git`, and a count of them. */
async function makeCount() {
  const { admin } = makeRegistry()
  for (const id of ['a', 'b', 'c'])
    for (const version of ['1.0.0', '1.1.0']) await release(admin, id, version)
  await release(admin, 'd', '1.0.0', 'text', 'other')
  const clock = { now: 0 }
  const counts: string[] = []
  const lists: Pick<RegistryApi, 'list'> = { list: (query) => admin.list(query) }
  const count = createOffReleaseCount({
    api: { list: (query) => lists.list({ ...query, limit: 2 }) },
    now: () => clock.now,
    set: (source, number) => counts.push(`${source}: ${number}`),
  })
  return { admin, clock, counts, lists, count }
}

test('prompts that were rolled back, revoked or promoted by hand do not serve their highest release', async () => {
  const { admin, count, counts } = await makeCount()
  await count({ source: 'git', result: 'synced' })
  await admin.rollback('a', {})
  await admin.revoke('b', { version: '1.1.0' })
  await admin.promote('c', { version: await pushText(admin, 'c', 'by hand', 'git'), override: true })
  await count({ source: 'git', result: 'synced' })
  expect(counts).toEqual(['git: 0', 'git: 3'])
})

test('a prompt that was retired, or never released, is in order', async () => {
  const { admin, count, counts } = await makeCount()
  await pushText(admin, 'e', 'draft', 'git')
  const operation = { op: 'retire', prompt_id: 'a', source: 'git', release: '2.0.0' } as const
  await admin.batch({ operations: [operation] })
  await count({ source: 'git', result: 'synced' })
  expect(counts).toEqual(['git: 0'])
})

test('passes without changes count again only after five minutes', async () => {
  const { count, counts, clock } = await makeCount()
  for (const minutes of [0, 1, 4.9, 5, 6]) {
    clock.now = minutes * MINUTE_MS
    await count({ source: 'git', result: 'unchanged' })
  }
  await count({ source: 'other', result: 'unchanged' })
  expect(counts).toEqual(['git: 0', 'git: 0', 'other: 0'])
})

test('a registry that cannot be read keeps the last count, and is asked again by the next pass', async () => {
  const { count, counts, lists, admin } = await makeCount()
  lists.list = () => Promise.reject(new Error('unreachable'))
  await count({ source: 'git', result: 'unchanged' })
  expect(counts).toEqual([])
  lists.list = (query) => admin.list(query)
  await count({ source: 'git', result: 'unchanged' })
  expect(counts).toEqual(['git: 0'])
})
