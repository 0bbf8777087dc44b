import { rename } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { parseState } from '../../controller/state/source-state.ts'
import { type Journey, served, startJourney } from '../support/planned-journey.ts'

async function stateOf({ controller }: Pick<Journey, 'controller'>) {
  const state = parseState((await controller.api.source('demo')).state)
  if (state === null) throw new Error('there is no state')
  return state
}

async function conditionsOf(journey: Pick<Journey, 'controller'>) {
  const { conditions } = await stateOf(journey)
  return Object.fromEntries(
    conditions.map(({ type, status, reason, since }) => [type, `${status} ${reason} ${since.slice(11, 19)}`]),
  )
}

describe('the status of a source', () => {
  it('says since when its conditions hold, through trouble and its end', async () => {
    const journey = await startJourney()
    const { controller, repository, clock } = journey
    const commit = await repository.commit({ 'prompts/a.txt': 'one' })
    await controller.sync()
    expect(await conditionsOf(journey)).toEqual({
      Ready: 'True Synced 12:00:00',
      Fetched: 'True Listed 12:00:00',
      Held: 'False Free 12:00:00',
      Drifted: 'False InStep 12:00:00',
    })
    expect((await stateOf(journey)).conditions[0]).toMatchObject({ commit })

    clock.now += 60_000
    await rename(repository.path, `${repository.path}.away`)
    expect(await controller.sync()).toMatchObject({ result: 'failed' })
    expect(await conditionsOf(journey)).toEqual({
      Ready: 'False NotFound 12:01:00',
      Fetched: 'False NotFound 12:01:00',
      Held: 'False Free 12:00:00',
      Drifted: 'False InStep 12:00:00',
    })
    clock.now += 60_000
    await controller.sync()
    expect(await conditionsOf(journey)).toMatchObject({ Fetched: 'False NotFound 12:01:00' })
    const { passes, complete_at } = await stateOf(journey)
    expect(complete_at).toBe('2026-03-01T12:00:00.000Z')
    expect(passes.map(({ result, times }) => `${result} ${times}`)).toEqual(['failed 2', 'synced 1'])

    clock.now += 600_000
    await rename(`${repository.path}.away`, repository.path)
    await controller.sync()
    expect(await conditionsOf(journey)).toEqual({
      Ready: 'True Synced 12:12:00',
      Fetched: 'True Listed 12:12:00',
      Held: 'False Free 12:00:00',
      Drifted: 'False InStep 12:00:00',
    })
  })

  it('is written also where the repository could never be reached', async () => {
    const journey = await startJourney()
    await rename(journey.repository.path, `${journey.repository.path}.away`)
    await journey.controller.sync()
    expect(await conditionsOf(journey)).toEqual({
      Ready: 'False NotFound 12:00:00',
      Fetched: 'False NotFound 12:00:00',
    })
    expect((await stateOf(journey)).complete_at).toBeNull()
  })

  it('keeps the last ten passes that did something; looks only move the time of completeness', async () => {
    const journey = await startJourney()
    const { controller, repository, clock } = journey
    for (let pass = 1; pass <= 12; pass++) {
      await repository.commit({ 'prompts/a.txt': `text ${pass}` })
      await controller.sync()
      for (let look = 0; look < 3; look++) {
        clock.now += 60_000
        await controller.sync()
      }
    }
    const { passes, complete_at, last_pass } = await stateOf(journey)
    expect(passes).toHaveLength(10)
    expect(passes[0]).toEqual(last_pass)
    expect(new Set(passes.map(({ result, counts }) => `${result} ${counts.pushed}`))).toEqual(
      new Set(['synced 1']),
    )
    expect(complete_at).toBe(new Date(clock.now).toISOString())
  })

  it('tells how long a pass took', async () => {
    const journey = await startJourney()
    const { controller, repository, clock } = journey
    await repository.commit({ 'prompts/a.txt': 'one' })
    await controller.sync({
      onProgress: () => {
        clock.now += 1500
      },
    })
    expect((await stateOf(journey)).last_pass).toMatchObject({ duration_ms: 1500 })
  })
})

describe('a suspended source', () => {
  it('is left alone, says so once, and goes on where it was', async () => {
    const journey = await startJourney()
    const { controller, another, repository } = journey
    await repository.commit({ 'prompts/a.txt': 'one' })
    await controller.sync()
    await repository.commit({ 'prompts/a.txt': 'two' })
    const suspended = another({ source: { suspended: true } })
    expect(await suspended.sync()).toMatchObject({ result: 'suspended' })
    expect(await suspended.sync()).toMatchObject({ result: 'suspended' })
    expect(suspended.traffic).toMatchObject({ listings: 0, opened: 0 })
    expect(suspended.traffic.requests).toEqual([
      'GET /sources/demo',
      'PUT /sources/demo',
      'GET /sources/demo',
    ])
    expect(await conditionsOf(journey)).toMatchObject({ Held: 'True Suspended 12:00:00' })
    expect(await controller.sync()).toMatchObject({
      result: 'synced',
      kind: 'changes',
      counts: { pushed: 1 },
    })
    expect(await conditionsOf(journey)).toMatchObject({ Held: 'False Free 12:00:00' })
  })
})

describe('a freeze', () => {
  // 2026-03-01 is a Sunday; the clock starts at 12:00 UTC, 13:00 in Berlin.
  const freeze = [{ cron: '0 18 * * 5', timeZone: 'Europe/Berlin', duration: '60h' }]

  it('lets drafts and names through, and promotes what waited in the first pass after it', async () => {
    const journey = await startJourney({ freeze })
    const { controller, repository, clock, another } = journey
    await repository.commit({ 'prompts/a.txt': 'one' })
    await repository.tag('v1.0.0')
    const before = another({ source: {} })
    await before.sync()
    await repository.commit({ 'prompts/a.txt': 'two' })
    await repository.tag('v1.1.0')
    const report = await controller.sync()
    expect(report).toMatchObject({ result: 'synced', counts: { promoted: 0, held: 1, pushed: 1 } })
    expect(report.findings[0]).toMatchObject({ code: 'held', subject: { kind: 'prompt', name: 'a' } })
    expect(report.findings[0]?.message).toContain('2026-03-02T05:00:00.000Z')
    const text = async (reference: string, mode: string) =>
      (await controller.api.resolve(reference, { mode })).content
    expect(await text('a', 'production')).toBe('one')
    expect(await text('a', 'dev')).toBe('two')
    expect(await served(controller, 'a@1.1.0')).toBe('not_released')
    expect(await text('a@1.1.0', 'dev')).toBe('two')
    const { conditions } = await stateOf(journey)
    expect(conditions.find(({ type }) => type === 'Held')?.message).toContain(
      'until the freeze ends at 2026-03-02T05:00:00.000Z. Releases wait: a.',
    )
    expect((await controller.sync()).result).toBe('unchanged')
    // A draft in the freeze does not make what waits forgotten.
    await repository.commit({ 'prompts/a.txt': 'three' })
    expect(await controller.sync()).toMatchObject({ result: 'synced', counts: { pushed: 1 } })

    clock.now = Date.parse('2026-03-02T04:59:59.999Z')
    expect((await controller.sync()).result).toBe('unchanged')
    clock.now += 1
    expect(await controller.sync()).toMatchObject({ result: 'synced', counts: { promoted: 1 } })
    expect(await text('a', 'production')).toBe('two')
    expect(await conditionsOf(journey)).toMatchObject({ Held: 'False Free 05:00:00' })
    expect((await controller.sync()).result).toBe('unchanged')
  })

  it('that nothing waited for ends without a pass', async () => {
    const { controller, repository, clock } = await startJourney({ freeze })
    await repository.commit({ 'prompts/a.txt': 'one' })
    await controller.sync()
    clock.now = Date.parse('2026-03-02T05:00:00Z')
    expect((await controller.sync()).result).toBe('unchanged')
  })
})
