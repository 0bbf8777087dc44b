import { describe, expect, it } from 'vitest'
import { RegistryError } from '../../../api/contract/errors.ts'
import type { BatchAnswer, RegistryApi } from '../../../api/contract/registry-api.ts'
import { intercept, served, startJourney } from '../../support/planned-journey.ts'

const SOURCE = 'demo'

/** A source with release 1.0.0 of two prompts, synced. */
async function released() {
  const journey = await startJourney()
  const { repository, controller } = journey
  await repository.commit({ 'prompts/a.txt': 'a 1', 'prompts/b.txt': 'b 1' })
  await repository.tag('v1.0.0')
  await controller.sync()
  const release = async (version: string, texts: Readonly<Record<string, string | null>>) => {
    await repository.commit(texts)
    await repository.tag(`v${version}`)
  }
  const texts = async () => {
    const { results } = await controller.api.resolveMany({ references: ['a', 'b'], mode: 'production' })
    return results.map((result) => ('prompt' in result ? result.prompt.content : ''))
  }
  return { ...journey, release, texts, current: () => controller.api.currentSet(SOURCE) }
}

const TWO = { 'prompts/a.txt': 'a 2', 'prompts/b.txt': 'b 2' }

/** The registry, of which this method fails this many times. */
function failing(api: RegistryApi, method: keyof RegistryApi, times = 1): RegistryApi {
  let left = times
  return intercept(api, async (name, call) => {
    if (name === method && left-- > 0) throw new RegistryError('unavailable', 'The registry is gone.')
    return await call()
  })
}

/** The registry, which promotes everything but this prompt. */
function withoutPromotionOf(api: RegistryApi, id: string): RegistryApi {
  return intercept(api, async (name, call, [request]) => {
    if (name !== 'batch') return await call()
    const { operations } = request as Parameters<RegistryApi['batch']>[0]
    const isFailing = (n: number) => operations[n]?.op === 'promote' && operations[n].prompt_id === id
    const passed = operations.filter((_, n) => !isFailing(n))
    const made = passed.length === 0 ? [] : (await api.batch({ operations: passed })).outcomes
    const failed = { ok: false, status: 503, code: 'unavailable', error: 'Not now.' } as const
    const outcomes: BatchAnswer['outcomes'] = operations.map((_, n) =>
      isFailing(n) ? failed : (made.shift() ?? failed),
    )
    return { outcomes }
  })
}

describe('the set of a source', () => {
  it('moves last, with one request more for a release and none for a draft', async () => {
    const { controller, repository, release, texts, current } = await released()
    const { traffic } = controller
    const ofSets = () => traffic.requests.filter((one) => /\/sets?(\/|$)/.test(one))
    expect(await current()).toMatchObject({ release: 'v1.0.0', act: 'release' })
    traffic.requests.length = 0
    await release('1.1.0', TWO)
    await controller.sync()
    expect(ofSets()).toEqual(['POST /sources/demo/set'])
    const isLast = traffic.requests.filter((one) => !one.startsWith('PUT') && !one.endsWith('/lease')).at(-1)
    expect(isLast).toBe('POST /sources/demo/set')
    expect(await texts()).toEqual(['a 2', 'b 2'])
    traffic.requests.length = 0
    await repository.commit({ 'prompts/a.txt': 'a draft' })
    await controller.sync()
    expect(ofSets()).toEqual([])
    traffic.requests.length = 0
    expect((await controller.sync()).result).toBe('unchanged')
    expect(traffic.requests).toEqual(['GET /sources/demo'])
  })

  it('is an item of the plan, with what it will do', async () => {
    const { controller, release } = await released()
    expect((await controller.plan()).set).toBeNull()
    await release('1.1.0', { 'prompts/a.txt': 'a 2', 'prompts/c.txt': 'c 1' })
    const move = { release: { tag: 'v1.1.0', version: '1.1.0' }, added: 1, replaced: 1, removed: 0 }
    expect((await controller.plan()).set).toEqual(move)
    expect((await controller.plan({ force: true })).set).toEqual(move)
    await controller.sync()
    expect((await controller.plan({ force: true })).set).toBeNull()
  })

  it('waits with the watermark if it could not move, and moves with the retry', async () => {
    const { controller, release, texts, current } = await released()
    await release('1.1.0', TWO)
    const report = await controller.sync({ api: failing(controller.api, 'moveSet') })
    expect(report).toMatchObject({
      result: 'incomplete',
      message: expect.stringContaining('The set of the source "demo" did not move'),
      counts: { failed: 1, promoted: 2 },
    })
    expect(await texts()).toEqual(['a 1', 'b 1'])
    expect((await controller.plan()).set).toMatchObject({ release: { tag: 'v1.1.0' }, replaced: 2 })
    expect(await controller.sync({ retryNow: true })).toMatchObject({ result: 'synced', findings: [] })
    expect([await texts(), (await current()).release]).toEqual([['a 2', 'b 2'], 'v1.1.0'])
  })

  it('is finished by the next pass if this one is killed before or after the move', async () => {
    for (const method of ['moveSet', 'recordSource'] as const) {
      const { controller, release, texts, current } = await released()
      await release('1.1.0', TWO)
      let isMoving = false
      const api = intercept(controller.api, async (name, call) => {
        isMoving ||= name === 'moveSet'
        if (isMoving && (name === method || name === 'lease')) throw new Error('killed')
        if (isMoving && name !== 'moveSet') throw new Error('killed')
        return await call()
      })
      expect((await controller.sync({ api })).result).toBe('failed')
      expect((await controller.sync({ holder: 'test:cache' })).result).toBe('synced')
      expect([await texts(), (await current()).release], method).toEqual([['a 2', 'b 2'], 'v1.1.0'])
      expect((await controller.sync()).result).toBe('unchanged')
    }
  })

  it('waits for a promotion that fails, and goes on without it in the third pass', async () => {
    const { controller, release, texts } = await released()
    await release('1.1.0', TWO)
    const api = withoutPromotionOf(controller.api, 'b')
    for (const [pass, expected] of [
      ['a 1', 'b 1'],
      ['a 1', 'b 1'],
      ['a 2', 'b 1'],
      ['a 2', 'b 1'],
    ].entries()) {
      const { result, findings } = await controller.sync({ api, retryNow: true })
      expect(result).toBe('incomplete')
      expect(await texts(), `pass ${pass + 1}`).toEqual(expected)
      const codes = findings.map(({ code }) => code)
      expect(codes).toEqual(pass < 2 ? ['failed'] : ['failed', 'set_incomplete'])
    }
    expect(await controller.sync({ retryNow: true })).toMatchObject({ result: 'synced', findings: [] })
    expect(await texts()).toEqual(['a 2', 'b 2'])
  })

  it('is made for a source that was settled before there were sets, without a new commit', async () => {
    const { controller } = await released()
    const { revision, state } = await controller.api.source(SOURCE)
    const { set_due: _, ...older } = state ?? {}
    await controller.api.recordSource(SOURCE, { expected_revision: revision, state: older })
    controller.traffic.requests.length = 0
    expect((await controller.sync()).result).toBe('synced')
    expect(controller.traffic.requests).toContain('GET /sources/demo/set')
    expect((await controller.sync()).result).toBe('unchanged')
  })

  it('keeps its name when the end of a hold promotes a prompt that its release lacks', async () => {
    const { controller, release, current } = await released()
    await controller.api.hold('b', {})
    await release('1.1.0', TWO)
    await controller.sync()
    await release('1.2.0', { 'prompts/a.txt': 'a 3', 'prompts/b.txt': null })
    await controller.sync()
    await controller.api.unhold('b', {})
    const named = { tag: 'v1.2.0', version: '1.2.0' }
    expect((await controller.plan()).set).toEqual({ release: named, added: 0, replaced: 1, removed: 0 })
    await controller.sync()
    expect([await served(controller, 'b'), (await current()).release]).toEqual(['b 2', 'v1.2.0'])
  })

  it('keeps its name when a tag below others releases a prompt that its release lacks', async () => {
    const { controller, repository, release, current } = await released()
    const late = await repository.commit({ 'prompts/c.txt': 'c 1' })
    await release('1.2.0', { 'prompts/a.txt': 'a 2', 'prompts/c.txt': null })
    await controller.sync()
    await repository.tag('v1.1.0', { at: late })
    await controller.sync()
    expect([await served(controller, 'c'), (await current()).release]).toEqual(['c 1', 'v1.2.0'])
    await controller.sync()
    const rolledBack = await controller.api.rollbackSource(SOURCE, { dry_run: true })
    expect(rolledBack.release).toBe('v1.0.0')
  })

  it('is what prompts go back to in the next pass, if a rollback of the source ended early', async () => {
    const { controller, release, texts } = await released()
    await release('1.1.0', TWO)
    await controller.sync()
    await controller.api.rollbackSource(SOURCE, {})
    expect([await texts(), await served(controller, 'a')]).toEqual([['a 1', 'b 1'], 'a 2'])
    expect(await controller.sync()).toMatchObject({ result: 'synced', findings: [] })
    expect([await served(controller, 'a'), await served(controller, 'b')]).toEqual(['a 1', 'b 1'])
    expect(await controller.api.source(SOURCE)).toMatchObject({ settling: false, hold: { above: '1.1.0' } })
    expect((await controller.sync()).result).toBe('unchanged')
    await release('1.1.1', { 'prompts/a.txt': 'a 3' })
    await controller.sync()
    expect(await texts()).toEqual(['a 3', 'b 2'])
    expect((await controller.api.source(SOURCE)).hold).toBeNull()
  })

  it('stays where a rollback of the source moved it while a pass was at work', async () => {
    const { controller, release, texts } = await released()
    await release('1.1.0', TWO)
    await controller.sync()
    await release('1.2.0', { 'prompts/a.txt': 'a 3', 'prompts/b.txt': 'b 3' })
    let isDone = false
    const api = intercept(controller.api, async (name, call) => {
      const answer = await call()
      if (name === 'batch' && !isDone) {
        isDone = true
        await controller.api.rollbackSource(SOURCE, {})
      }
      return answer
    })
    expect((await controller.sync({ api })).result).toBe('synced')
    expect([await texts(), await served(controller, 'a')]).toEqual([['a 1', 'b 1'], 'a 1'])
    expect((await controller.api.source(SOURCE)).hold?.above).toBe('1.2.0')
  })
})
