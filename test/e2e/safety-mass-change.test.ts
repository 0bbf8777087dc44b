import { describe, expect, it } from 'vitest'
import { RegistryError } from '../../api/contract/errors.ts'
import { parseState } from '../../controller/state/source-state.ts'
import {
  changesOf,
  expectSettled,
  intercept,
  type Journey,
  served,
  startJourney,
} from '../support/planned-journey.ts'

const PROMPTS = 12

function files(text: (n: number) => string | null, prompts = PROMPTS): Record<string, string | null> {
  return Object.fromEntries(Array.from({ length: prompts }, (_, n) => [`prompts/p${n}.txt`, text(n)]))
}

async function stateOf({ controller }: Pick<Journey, 'controller'>) {
  const state = parseState((await controller.api.source('demo')).state)
  if (state === null) throw new Error('there is no state')
  return state
}

async function syncedJourney(source: Readonly<Record<string, unknown>> = {}) {
  const journey = await startJourney(source)
  await journey.repository.commit(files((n) => `prompt ${n}`))
  await journey.repository.tag('v1.0.0')
  expect(await journey.controller.sync()).toMatchObject({ result: 'synced', counts: { promoted: PROMPTS } })
  return journey
}

describe('a pass in which most prompts are missing', () => {
  it('is held and changes nothing, until that very commit is confirmed', async () => {
    const journey = await syncedJourney()
    const { controller, repository } = journey
    const before = await controller.rows()
    const commit = await repository.commit({
      ...files((n) => (n < 10 ? null : 'changed')),
      'prompts/new.txt': 'new',
    })
    const report = await controller.sync()
    expect(report).toMatchObject({ result: 'held', commit })
    expect(report.message).toContain('10 of 12 prompts are gone from the branch (p0, p1,')
    expect(report.message).toContain('promptctl sync demo --confirm')
    expect(await controller.rows()).toEqual(before)
    const { held, watermark, conditions } = await stateOf(journey)
    expect(held).toMatchObject({ message: report.message })
    expect(watermark?.commit).not.toBe(commit)
    expect(conditions).toContainEqual(
      expect.objectContaining({ type: 'Held', status: 'True', reason: 'MassChange', commit }),
    )
    expect(conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'False' }))

    expect(await controller.sync({ confirm: true })).toMatchObject({
      result: 'synced',
      counts: { pushed: 3 },
    })
    expect(await served(controller, 'new', 'dev')).toBe('new')
    expect(await served(controller, 'p0')).toBe('prompt 0')
    expect((await stateOf(journey)).conditions).toContainEqual(
      expect.objectContaining({ type: 'Held', status: 'False' }),
    )
    await expectSettled(controller)
  })

  it('stays held for one listing and one read, whatever asks for it', async () => {
    const { controller, repository } = await syncedJourney()
    await repository.commit(files(() => null))
    const first = await controller.sync()
    const { requests, listings, opened } = controller.traffic
    const before = { requests: requests.length, listings, opened }
    for (const wishes of [{}, { retryNow: true }, {}]) {
      const again = await controller.sync(wishes)
      expect(again).toMatchObject({ result: 'held', kind: 'none', message: first.message })
    }
    expect(controller.traffic.opened).toBe(before.opened)
    expect(controller.traffic.listings - before.listings).toBe(3)
    expect(requests.slice(before.requests)).toEqual(Array(3).fill('GET /sources/demo'))
    // Comparing everything is no confirmation.
    expect(await controller.sync({ force: true })).toMatchObject({ result: 'held', kind: 'full' })
    expect(await controller.sync()).toMatchObject({ result: 'held', kind: 'none' })
    expect(await controller.sync({ confirm: true })).toMatchObject({ result: 'synced', kind: 'full' })
    await expectSettled(controller)
  })

  it('is judged anew when a commit comes: a confirmation is for what was shown', async () => {
    const { controller, repository } = await syncedJourney()
    await repository.commit(files((n) => (n < 10 ? null : 'kept')))
    await controller.sync()
    await repository.commit(files((n) => (n < 11 ? null : 'kept')))
    const other = await controller.sync({ confirm: true })
    expect(other).toMatchObject({ result: 'held' })
    await repository.commit(files((n) => `prompt ${n} again`))
    expect(await controller.sync()).toMatchObject({ result: 'synced', message: null })
    await expectSettled(controller)
  })

  it('is forgotten when the branch goes back to where it was', async () => {
    const journey = await syncedJourney()
    const { controller, repository } = journey
    const good = await repository.git('rev-parse', 'HEAD')
    await repository.commit(files(() => null))
    expect((await controller.sync()).result).toBe('held')
    await repository.moveBranch(good)
    expect((await controller.sync()).result).toBe('synced')
    expect((await stateOf(journey)).held).toBeNull()
    await expectSettled(controller)
  })

  it('does not count a tag before it is confirmed', async () => {
    const { controller, repository } = await syncedJourney()
    await repository.commit(files((n) => (n < 10 ? null : 'changed')))
    await repository.tag('v2.0.0')
    expect((await controller.sync()).result).toBe('held')
    expect((await controller.api.source('demo')).ledger_length).toBe(1)
    expect(await served(controller, 'p11')).toBe('prompt 11')
    await controller.sync({ confirm: true })
    expect((await controller.api.source('demo')).ledger_length).toBe(2)
    expect(await served(controller, 'p11')).toBe('changed')
  })

  it('may go on where it was confirmed and then failed, also by itself', async () => {
    const { controller, repository, clock } = await syncedJourney()
    await repository.commit(files((n) => (n < 10 ? null : 'changed')))
    await controller.sync()
    const api = intercept(controller.api, async (name, call) => {
      if (name === 'batch') throw new RegistryError('unavailable', 'The registry is gone.')
      return await call()
    })
    expect((await controller.sync({ confirm: true, api })).result).toBe('incomplete')
    clock.now += 600_000
    expect(await controller.sync()).toMatchObject({ result: 'synced' })
    expect(await served(controller, 'p11', 'dev')).toBe('changed')
    await expectSettled(controller)
  })

  it('is shown by a plan, which has what a confirmation would do', async () => {
    const { controller, repository } = await syncedJourney()
    await repository.commit({ ...files(() => null), 'prompts/new.txt': 'new' })
    await controller.sync()
    const plan = await controller.plan()
    expect(plan.massChange).toMatchObject({ prompts: 12, missing: 12 })
    expect(changesOf(plan)).toContainEqual(expect.stringContaining('push new'))
  })

  it('is one of few prompts where they are fewer than the least, and none where it is turned off', async () => {
    const few = await startJourney()
    await few.repository.commit(files((n) => `prompt ${n}`, 9))
    await few.controller.sync()
    await few.repository.commit(files(() => null, 9))
    expect((await few.controller.sync()).result).toBe('synced')

    const off = await syncedJourney({ massChange: false })
    await off.repository.commit(files(() => null))
    expect((await off.controller.sync()).result).toBe('synced')

    const strict = await syncedJourney({ massChange: { share: 0.1, least: 2 } })
    await strict.repository.commit({ 'prompts/p0.txt': null, 'prompts/p1.txt': null })
    expect((await strict.controller.sync()).result).toBe('held')
  })
})

describe('a changed layout', () => {
  it('that loses most prompts is held too', async () => {
    const { controller, another, repository } = await syncedJourney()
    const lost = another({ source: { directories: ['promtps'] } })
    const report = await lost.sync()
    expect(report).toMatchObject({ result: 'held', kind: 'full' })
    expect(await lost.sync()).toMatchObject({ result: 'held', kind: 'none' })
    // The old configuration again: nothing happened.
    expect((await controller.sync()).result).toBe('synced')
    await repository.commit({ 'prompts/p0.txt': 'new' })
    expect((await controller.sync()).counts.pushed).toBe(1)
    await expectSettled(controller)
  })
})

describe('a pass that would quarantine most prompts', () => {
  const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n'

  it('is held, and does not ask twice for what was confirmed', async () => {
    const { controller, repository } = await syncedJourney()
    await repository.commit(files(() => pointer))
    const report = await controller.sync()
    expect(report).toMatchObject({ result: 'held', counts: { quarantined: 12 } })
    expect(report.message).toContain('12 of 12 prompts have a file that cannot become a version (p0, p1,')
    expect(await controller.sync({ confirm: true })).toMatchObject({ result: 'synced' })
    expect(await controller.sync({ force: true })).toMatchObject({ result: 'synced', kind: 'full' })
    await repository.commit({ 'prompts/other.txt': 'fine' })
    expect(await controller.sync()).toMatchObject({ result: 'synced' })
  })

  it('counts a prompt once, however many files claim its id', async () => {
    const { controller, repository } = await syncedJourney()
    const twins = Array.from({ length: 6 }, (_, n) => [`prompts/p${n}.md`, `prompt ${n}`])
    await repository.commit(Object.fromEntries(twins))
    expect(await controller.sync()).toMatchObject({ result: 'synced', counts: { quarantined: 12 } })
  })

  it('is not one that finds new files to be bad', async () => {
    const { controller, repository } = await syncedJourney()
    await repository.commit(
      Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`prompts/bad${n}.txt`, ''])),
    )
    expect(await controller.sync()).toMatchObject({ result: 'synced', counts: { quarantined: 20 } })
  })
})

describe('a release that would change what most prompts serve', () => {
  it('is held until it is confirmed, drafts included', async () => {
    const { controller, repository } = await syncedJourney()
    await repository.commit(files((n) => `other ${n}`))
    expect((await controller.sync()).result).toBe('synced')
    await repository.tag('v1.1.0')
    const report = await controller.sync()
    expect(report.message).toContain('12 of 12 prompts would get another stable version')
    expect(await served(controller, 'p3')).toBe('prompt 3')
    expect(await controller.sync({ confirm: true })).toMatchObject({ counts: { promoted: 12 } })
    expect(await served(controller, 'p3')).toBe('other 3')
    await expectSettled(controller)
  })

  it('is none where the texts are the ones that are stable', async () => {
    const { controller, repository } = await syncedJourney()
    await repository.tag('v1.1.0')
    expect(await controller.sync()).toMatchObject({ result: 'synced', counts: { promoted: 0, named: 12 } })
    expect((await controller.rows()).get('p3')?.highest_release).toBe('1.1.0')
  })
})
