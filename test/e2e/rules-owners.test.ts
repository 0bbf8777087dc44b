import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { RegistryError } from '../../api/contract/errors.ts'
import { createRepository } from '../support/git-repository.ts'
import {
  changesOf,
  dyingAfter,
  eventTypes,
  expectSettled,
  findingsOf,
  intercept,
  served,
  startJourney,
  startReleased,
} from '../support/planned-journey.ts'

const TRIAGE = 'prompts/triage.txt'
const REPLY = 'prompts/reply.txt'

/** Two releases of one prompt, the second stable. */
async function released(source = {}) {
  const journey = await startJourney(source)
  const { controller, repository } = journey
  await repository.commit({ [TRIAGE]: 'one' })
  await repository.tag('v1.0.0')
  await repository.commit({ [TRIAGE]: 'two' })
  await repository.tag('v1.1.0')
  await controller.sync()
  return journey
}

describe('two sources with one prompt', () => {
  it('leave it with the first; the second goes on, and has it after a transfer', async () => {
    const { folder, controller, repository, another } = await startReleased({
      [TRIAGE]: 'ours',
      [REPLY]: 'hello',
    })
    const theirs = await createRepository(join(folder, 'theirs'))
    await theirs.commit({ [TRIAGE]: 'theirs', 'prompts/other.txt': 'other' })
    await theirs.tag('v2.0.0')
    const second = another({ repository: theirs.path, cache: 'second', source: { name: 'second' } })

    const report = await second.sync()
    expect(report).toMatchObject({ result: 'synced', counts: { promoted: 1 } })
    expect(new Set(findingsOf(report))).toEqual(new Set(['refused triage']))
    expect(report.findings[0]?.message).toContain('"demo"')
    expect(await served(second, 'triage')).toBe('ours')
    expect(await served(second, 'other')).toBe('other')
    expect((await second.sync()).result).toBe('unchanged')
    await expectSettled(controller)

    // What was refused stays in the report while other things move.
    await theirs.commit({ 'prompts/other.txt': 'changed' })
    expect(new Set(findingsOf(await second.sync()))).toEqual(new Set(['refused triage']))

    await second.api.transfer('triage', { source: 'second', create: true })
    const after = await second.sync()
    expect(after).toMatchObject({ kind: 'full', result: 'synced', findings: [] })
    expect(await served(second, 'triage')).toBe('theirs')
    expect((await second.sync()).result).toBe('unchanged')

    // The former owner is told at once.
    expect(await controller.sync()).toMatchObject({ kind: 'full', counts: { refused: 1 } })
    await repository.commit({ [TRIAGE]: 'ours again', [REPLY]: 'hi' })
    expect(findingsOf(await controller.sync())).toEqual(['refused triage'])
    expect(await served(controller, 'reply', 'dev')).toBe('hi')
    expect(await served(controller, 'triage', 'dev')).toBe('theirs')
    await expectSettled(controller)
  })
})

describe('a rollback', () => {
  it('holds until a release with other text, and the held one keeps its name', async () => {
    const { controller, repository } = await released()
    await controller.api.rollback('triage', { reason: 'bad answers' })
    await expectSettled(controller)
    await repository.tag('v1.2.0')
    const report = await controller.sync()
    expect(findingsOf(report)).toEqual(['held triage'])
    expect(report.findings[0]?.message).toContain('bad answers')
    expect(await served(controller, 'triage')).toBe('one')
    expect(await served(controller, 'triage@1.2.0')).toBe('two')
    expect((await controller.rows()).get('triage')?.highest_release).toBe('1.1.0')
    await expectSettled(controller)

    await repository.commit({ [TRIAGE]: 'three' })
    await repository.tag('v1.3.0')
    expect((await controller.sync()).findings).toEqual([])
    expect(await served(controller, 'triage')).toBe('three')
    expect((await controller.rows()).get('triage')?.hold).toBeNull()
    // Others may have waited for the end of the hold.
    expect(await controller.sync()).toMatchObject({ kind: 'full', counts: { promoted: 0 } })
    await expectSettled(controller)
  })

  it('is not undone by a full pass, nor by lifting its hold', async () => {
    const { controller } = await released()
    await controller.api.rollback('triage', {})
    await controller.sync({ force: true })
    expect(await served(controller, 'triage')).toBe('one')
    await controller.api.unhold('triage', {})
    expect(await controller.sync()).toMatchObject({ kind: 'full', counts: { promoted: 0 } })
    expect(await served(controller, 'triage')).toBe('one')
    await expectSettled(controller)
  })

  it('lets the held release through once its hold is lifted', async () => {
    const { controller, repository } = await released()
    await controller.api.rollback('triage', {})
    await repository.tag('v1.2.0')
    await controller.sync()
    await controller.api.unhold('triage', {})
    const plan = await controller.plan()
    expect(changesOf(plan).filter((change) => change.startsWith('promote'))).toHaveLength(1)
    expect(await controller.sync()).toMatchObject({ kind: 'full', findings: [], counts: { promoted: 1 } })
    expect(await served(controller, 'triage')).toBe('two')
    await expectSettled(controller)
  })
})

describe('a frozen prompt', () => {
  it('gets versions and names but no promotion, until it is free', async () => {
    const { controller, repository } = await released()
    await controller.api.hold('triage', { reason: 'an audit' })
    await repository.commit({ [TRIAGE]: 'three' })
    await repository.tag('v1.2.0')
    const report = await controller.sync()
    expect(findingsOf(report)).toEqual(['held triage'])
    expect(await served(controller, 'triage')).toBe('two')
    expect(await served(controller, 'triage', 'dev')).toBe('three')
    expect(await served(controller, 'triage@1.2.0')).toBe('not_released')
    expect(await served(controller, 'triage@1.2.0', 'dev')).toBe('three')
    expect((await controller.rows()).get('triage')?.highest_release).toBe('1.1.0')
    await expectSettled(controller)
    expect(findingsOf(await controller.sync({ force: true }))).toEqual(['held triage'])

    await controller.api.unhold('triage', {})
    expect(await controller.sync()).toMatchObject({ kind: 'full', findings: [], counts: { promoted: 1 } })
    expect(await served(controller, 'triage')).toBe('three')
    await expectSettled(controller)
  })

  it('is promoted after the unhold also where the registry fails in that very pass', async () => {
    const { controller, repository, clock } = await released()
    await controller.api.hold('triage', {})
    await repository.commit({ [TRIAGE]: 'three' })
    await repository.tag('v1.2.0')
    await controller.sync()
    await controller.api.unhold('triage', {})
    const failing = intercept(controller.api, async (name, call) => {
      if (name === 'batch') throw new RegistryError('unavailable', 'The registry is restarting.')
      return await call()
    })
    expect(await controller.sync({ api: failing })).toMatchObject({ result: 'incomplete', kind: 'full' })
    // While the retry waits, a plan tells what it will do.
    expect(changesOf(await controller.plan())).toContainEqual(
      expect.stringMatching(/^promote triage 1\.2\.0 /),
    )
    clock.now += 600_000
    expect(await controller.sync()).toMatchObject({ result: 'synced', kind: 'full' })
    expect(await served(controller, 'triage')).toBe('three')
    await expectSettled(controller)
  })
})

describe('an override', () => {
  it('of an admin stays until the freeze that it sets is lifted', async () => {
    const { controller, repository } = await released()
    const { version } = await controller.api.push({ prompt_id: 'triage', content: 'by hand', override: true })
    await controller.api.promote('triage', { version, override: true, reason: 'an emergency' })
    await repository.commit({ [TRIAGE]: 'three' })
    await repository.tag('v1.2.0')
    expect(findingsOf(await controller.sync())).toEqual(['held triage'])
    expect(await served(controller, 'triage')).toBe('by hand')
    await expectSettled(controller)
    await controller.api.unhold('triage', {})
    await controller.sync()
    expect(await served(controller, 'triage')).toBe('three')
    await expectSettled(controller)
  })
})

describe('a revoked text', () => {
  it('stays revoked whatever is tagged; the rest goes on', async () => {
    const { controller, repository } = await released()
    const { version } = await controller.api.resolve('triage')
    await controller.api.revoke('triage', { version, reason: 'leaks' })
    await repository.commit({ [REPLY]: 'hello' })
    await repository.tag('v1.2.0')
    const report = await controller.sync()
    expect(report.result).toBe('synced')
    expect(new Set(findingsOf(report))).toEqual(new Set(['refused triage']))
    expect(await served(controller, 'reply')).toBe('hello')
    expect(await served(controller, 'triage')).toBe('one')
    expect(await served(controller, 'triage@1.1.0')).toBe('revoked')
    await expectSettled(controller)
  })
})

describe('a prompt that was there before any source', () => {
  it('is taken by the first source that pushes it, as an event', async () => {
    const { controller, repository } = await startJourney()
    await controller.api.push({ prompt_id: 'triage', content: 'by hand' })
    await repository.commit({ [TRIAGE]: 'one' })
    await repository.tag('v1.0.0')
    await controller.sync()
    expect(await served(controller, 'triage')).toBe('one')
    expect(await eventTypes(controller, 'triage')).toContain('owner_changed')
    await expectSettled(controller)
  })
})

describe('an unhold at any moment', () => {
  it('is not missed by a pass that is under way', async () => {
    const { controller, repository } = await released()
    await controller.api.hold('triage', {})
    await repository.commit({ [TRIAGE]: 'three' })
    await repository.tag('v1.2.0')
    // After the plan was made and before the state is written.
    const api = intercept(controller.api, async (name, call) => {
      if (name === 'batch') await controller.api.unhold('triage', {})
      return await call()
    })
    await controller.sync({ api })
    expect(await controller.sync()).toMatchObject({ kind: 'full', counts: { promoted: 1 } })
    expect(await served(controller, 'triage')).toBe('three')
    await expectSettled(controller)
  })

  it('is not missed by a pass that is killed', async () => {
    const { controller, repository } = await released()
    await controller.api.hold('triage', {})
    await repository.commit({ [TRIAGE]: 'three' })
    await repository.tag('v1.2.0')
    await controller.sync()
    await controller.api.unhold('triage', {})
    for (let requests = 1; requests < 12; requests++)
      await controller.sync({ api: dyingAfter(controller.api, requests) })
    await controller.sync()
    expect(await served(controller, 'triage')).toBe('three')
    await expectSettled(controller)
  })
})
