import { expect, onTestFinished, test } from 'vitest'
import { fillPrompt, labelOf, textOf } from '../support/aws/fill.ts'
import { describeOnAws } from '../support/aws/moto.ts'
import { allRows, awsRegistry, countCalls } from '../support/aws/registry.ts'
import { callsBySize, EXPECTED_CALLS } from '../support/aws/sizes.ts'
import { makeWorld } from '../support/aws/world.ts'

const MINUTES = 60_000

describeOnAws('large registries on AWS', () => {
  test('a prompt with 10,000 versions and 2 MB of metadata costs the calls of one with 1 version', {
    timeout: 20 * MINUTES,
  }, async () => {
    const [one, many] = [await callsBySize(1, 'push'), await callsBySize(10_000, 'push')]
    const expected = Object.fromEntries(Object.entries(EXPECTED_CALLS).filter(([name]) => name in one))
    expect(Object.keys(expected)).toContain('push')
    expect(one).toMatchObject(expected)
    expect(many).toMatchObject(expected)
  })

  test('lists of 10,000 versions page through to their end', { timeout: 20 * MINUTES }, async () => {
    const world = await makeWorld()
    onTestFinished(world.close)
    const { admin } = awsRegistry(world)
    await fillPrompt(world, admin, 'p', 10_000)
    const metadata = (await allRows(world)).reduce((sum, row) => sum + (row.description?.S ?? '').length, 0)
    expect(metadata).toBeGreaterThanOrEqual(2_000_000)
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page = await admin.versions('p', { limit: 1000, ...(cursor !== null && { cursor }) })
      seen.push(...page.versions.map(({ version }) => version))
      cursor = page.next_cursor
    } while (cursor !== null)
    expect(seen).toEqual(Array.from({ length: 10_000 }, (_, index) => labelOf(10_000 - index)))
    expect(await admin.resolve(`p@${labelOf(10_000)}`, { mode: 'dev' })).toMatchObject({
      content: textOf(10_000),
    })
  })

  test('a first import of 200 prompts, pushed and promoted, takes at most two calls a prompt', {
    timeout: 20 * MINUTES,
  }, async () => {
    const world = await makeWorld()
    onTestFinished(world.close)
    const { admin } = awsRegistry(world)
    world.proxy.reset()
    world.proxy.gather = 16
    for (let from = 0; from < 200; from += 50) {
      const ids = Array.from({ length: 50 }, (_, index) => `team/p${from + index}`)
      const operations = ids.flatMap((prompt_id) => [
        { op: 'push' as const, prompt_id, content: `text of ${prompt_id}`, version: 'first' },
        { op: 'promote' as const, prompt_id, version: 'first', alias: '1.0.0' },
      ])
      const { outcomes } = await admin.batch({ operations })
      expect(outcomes.every(({ ok }) => ok)).toBe(true)
    }
    console.log(`${world.proxy.calls.length} calls: ${JSON.stringify(countCalls(world))}`)
    expect(world.proxy.calls.length).toBeLessThanOrEqual(2 * 200)
  })
})
