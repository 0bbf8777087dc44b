import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseState } from '../../controller/state/source-state.ts'
import {
  expectSettled,
  findingsOf,
  served,
  startJourney,
  startReleased,
  versionsOf,
} from '../support/planned-journey.ts'

const TRIAGE = 'prompts/triage.txt'

describe('a force-pushed branch', () => {
  it('makes the draft what the branch has now; releases stay', async () => {
    const { controller, repository } = await startJourney()
    const base = await repository.commit({ [TRIAGE]: 'one' })
    await repository.tag('v1.0.0')
    await repository.commit({ [TRIAGE]: 'two', 'prompts/gone.txt': 'gone' })
    await repository.tag('v1.1.0')
    await controller.sync()
    await repository.moveBranch(base)
    await controller.sync()
    expect(await served(controller, 'triage', 'dev')).toBe('one')
    expect(await served(controller, 'triage')).toBe('two')
    expect(await served(controller, 'gone')).toBe('gone')
    expect(await versionsOf(controller, 'triage')).toHaveLength(2)
    await expectSettled(controller)
    await repository.commit({ [TRIAGE]: 'three' })
    await repository.tag('v1.2.0')
    await controller.sync()
    expect(await served(controller, 'triage')).toBe('three')
    await expectSettled(controller)
  })

  it('is compared in full where the commit of the last pass is gone and the cache is new', async () => {
    const { controller, repository, another } = await startJourney()
    const base = await repository.commit({ 'prompts/reply.txt': 'hello' })
    await repository.commit({ [TRIAGE]: 'one' })
    await controller.sync()
    await repository.moveBranch(base)
    await repository.commit({ [TRIAGE]: 'two' })
    await repository.git('reflog', 'expire', '--expire=now', '--all')
    await repository.git('gc', '--prune=now', '--quiet')
    const fresh = another({ cache: 'fresh' })
    expect(await fresh.sync()).toMatchObject({ result: 'synced', kind: 'full', counts: { pushed: 1 } })
    expect(await served(fresh, 'triage', 'dev')).toBe('two')
    await expectSettled(fresh)
  })
})

describe('a branch that is not there', () => {
  it('is told in a sentence and in the state, harms nothing, and is found again', async () => {
    const { controller, repository, clock } = await startJourney({ branch: 'main' })
    await repository.commit({ [TRIAGE]: 'one' })
    await repository.tag('v1.0.0')
    await controller.sync()
    await repository.renameBranch('trunk')
    const report = await controller.sync()
    expect(report).toMatchObject({ result: 'failed', commit: null })
    expect(report.message).toContain('no branch "main"')
    const state = parseState((await controller.api.source('demo')).state)
    expect(state).toMatchObject({
      last_pass: { result: 'failed', message: report.message },
      retry: { attempt: 1 },
      watermark: { ledger_length: 1 },
    })
    expect(await served(controller, 'triage')).toBe('one')

    await repository.renameBranch('main')
    clock.now += 600_000
    expect(await controller.sync()).toMatchObject({ result: 'synced', counts: { pushed: 0 } })
    expect(parseState((await controller.api.source('demo')).state)).toMatchObject({ retry: null })
    await expectSettled(controller)
  })

  it('matters not where the source follows the default one, whatever its name', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [TRIAGE]: 'one' })
    await controller.sync()
    await repository.renameBranch('trunk')
    await repository.commit({ [TRIAGE]: 'two' })
    expect((await controller.sync()).result).toBe('synced')
    expect(await served(controller, 'triage', 'dev')).toBe('two')
    await expectSettled(controller)
  })
})

describe('a repository that vanishes', () => {
  it('leaves everything served, and goes on where it was once it is back', async () => {
    const { controller, repository, folder, clock } = await startReleased({ [TRIAGE]: 'one' })
    const before = await controller.rows()
    await rename(repository.path, join(folder, 'elsewhere'))
    for (const attempt of [1, 2]) {
      const report = await controller.sync()
      expect(report.result).toBe('failed')
      expect(report.message).toContain('no git repository at')
      expect(parseState((await controller.api.source('demo')).state)?.retry?.attempt).toBe(attempt)
      clock.now += 600_000
    }
    expect(await controller.rows()).toEqual(before)
    await rename(join(folder, 'elsewhere'), repository.path)
    await repository.commit({ [TRIAGE]: 'two' })
    await repository.tag('v1.1.0')
    expect((await controller.sync()).result).toBe('synced')
    expect(await served(controller, 'triage')).toBe('two')
    await expectSettled(controller)
  })

  it('tells the same failure at most once a minute', async () => {
    const { controller, clock, another } = await startJourney()
    controller.close()
    const lost = another({ repository: '/nowhere/at/all' })
    const writes = () => lost.traffic.requests.filter((request) => request.startsWith('PUT')).length
    await lost.sync()
    clock.now += 59_999
    await lost.sync()
    expect(writes()).toBe(1)
    clock.now += 1
    await lost.sync()
    expect(writes()).toBe(2)
  })

  it('that was empty at first is told and then taken', async () => {
    const { controller, repository } = await startJourney()
    expect((await controller.sync()).message).toContain('empty')
    await repository.commit({ [TRIAGE]: 'one' })
    expect(await controller.sync()).toMatchObject({ result: 'synced', kind: 'first' })
    await expectSettled(controller)
  })
})

describe('a state that cannot be read', () => {
  it('is written anew by a first pass that changes no prompt, and keeps the ledger', async () => {
    const { controller, repository } = await startReleased({ [TRIAGE]: 'one' })
    const { revision } = await controller.api.source('demo')
    await controller.api.recordSource('demo', { expected_revision: revision, state: { format: 99 } })
    await repository.commit({ [TRIAGE]: 'two' })
    await repository.tag('v1.0.0', { force: true })
    const report = await controller.sync()
    expect(report.kind).toBe('first')
    expect(findingsOf(report)).toEqual(['tag_moved v1.0.0'])
    expect(await served(controller, 'triage')).toBe('one')
    await expectSettled(controller)
  })
})
