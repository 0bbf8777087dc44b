import { expect, onTestFinished, test } from 'vitest'
import { describeOnAws } from '../../../support/aws/moto.ts'
import { awsRegistry, callsOf } from '../../../support/aws/registry.ts'
import { makeWorld } from '../../../support/aws/world.ts'
import { outcome } from '../../../support/registry.ts'
import { sourceRecord } from '../../../support/registry-records.ts'

const entries = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ tag: `v1.${from + index}.0`, commit: 'a'.repeat(40) }))

async function sourcesWorld() {
  const world = await makeWorld()
  onTestFinished(world.close)
  const fragile = awsRegistry(world, { retries: { broken: 0 } }).sources
  const { sources } = awsRegistry(world)
  const tags = async () => {
    const found: string[] = []
    let cursor: string | undefined
    do {
      const page = await sources.ledger('git', { limit: 700, cursor })
      found.push(...page.items.map(({ tag }) => tag))
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    return found
  }
  return { world, sources, fragile, tags }
}

describeOnAws('the ledger of a source on AWS', () => {
  test('accepts the maximum number of tags at once, each only once', async () => {
    const { sources, tags } = await sourcesWorld()
    const many = entries(0, 1000)
    expect(await sources.replace(sourceRecord('git', { ledgerLength: 1000 }), 0, many)).toBe(true)
    const more = entries(1000, 500)
    const second = sourceRecord('git', { version: 2, ledgerLength: 1500 })
    expect(await sources.replace(second, 1, more)).toBe(true)
    expect(await tags()).toEqual([...many, ...more].map(({ tag }) => tag))
    for (const known of [many[0], many[999], more[499]]) {
      const third = sourceRecord('git', { version: 3, ledgerLength: 1501 })
      expect(await sources.replace(third, 2, known === undefined ? [] : [known])).toBe(false)
    }
    expect(await tags()).toHaveLength(1500)
  })

  test('accepts tags that a failed write left behind', async () => {
    const { world, sources, fragile, tags } = await sourcesWorld()
    const many = entries(0, 120)
    const first = sourceRecord('git', { ledgerLength: 120 })
    world.proxy.fault = ({ action }) => (action === 'TransactWriteItems' ? 'break' : undefined)
    expect(await outcome(fragile.replace(first, 0, many))).toBe('unavailable')
    world.proxy.fault = null
    expect(await tags()).toEqual([])
    const one = entries(7, 1)
    expect(await sources.replace(sourceRecord('git', { ledgerLength: 1 }), 0, one)).toBe(true)
    const rest = many.filter(({ tag }) => tag !== one[0]?.tag)
    expect(await sources.replace(sourceRecord('git', { version: 2, ledgerLength: 120 }), 1, rest)).toBe(true)
    expect(await tags()).toEqual([...one, ...rest].map(({ tag }) => tag))
  })

  test('refuses a tag even after a late writer sent it with very many others', async () => {
    const { sources, tags } = await sourcesWorld()
    const many = entries(0, 120)
    expect(await sources.replace(sourceRecord('git'), 0, [])).toBe(true)
    expect(
      await sources.replace(sourceRecord('git', { version: 2, ledgerLength: 3 }), 1, entries(200, 3)),
    ).toBe(true)
    const counted = sourceRecord('git', { version: 3, ledgerLength: 4 })
    expect(await sources.replace(counted, 2, entries(5, 1))).toBe(true)
    // Decided on the first version, when the ledger was empty.
    expect(await sources.replace(sourceRecord('git', { version: 2, ledgerLength: 120 }), 1, many)).toBe(false)
    const again = sourceRecord('git', { version: 4, ledgerLength: 5 })
    expect(await sources.replace(again, 3, entries(5, 1))).toBe(false)
    expect(await tags()).toHaveLength(4)
  })

  test('recognises a write whose response was lost', async () => {
    const { world, sources, tags } = await sourcesWorld()
    let dropped = 0
    world.proxy.fault = ({ action }) =>
      action === 'TransactWriteItems' && dropped++ === 0 ? 'drop' : undefined
    expect(await sources.replace(sourceRecord('git', { ledgerLength: 2 }), 0, entries(0, 2))).toBe(true)
    expect(dropped).toBe(2)
    expect(await tags()).toHaveLength(2)
  })

  test('takes one write for a heartbeat, and one more read for a new tag', async () => {
    const { world, sources } = await sourcesWorld()
    await sources.replace(sourceRecord('git', { ledgerLength: 100 }), 0, entries(0, 100))
    const heartbeat = sourceRecord('git', { version: 2, ledgerLength: 100 })
    expect(await callsOf(world, () => sources.replace(heartbeat, 1, []))).toEqual({ TransactWriteItems: 1 })
    const tagged = sourceRecord('git', { version: 3, ledgerLength: 103 })
    expect(await callsOf(world, () => sources.replace(tagged, 2, entries(100, 3)))).toEqual({
      BatchGetItem: 1,
      TransactWriteItems: 1,
    })
    expect(await callsOf(world, () => sources.get('git'))).toEqual({ GetItem: 1 })
  })
})
