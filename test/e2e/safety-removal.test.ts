import { describe, expect, it } from 'vitest'
import {
  eventTypes,
  expectSettled,
  findingsOf,
  served,
  startJourney,
  startReleased,
  worldOf,
} from '../support/planned-journey.ts'
import { scratchFolder } from '../support/scratch.ts'

const A = 'prompts/a.txt'
const B = 'prompts/b.txt'

async function listed(controller: Awaited<ReturnType<typeof startJourney>>['controller'], id: string) {
  const row = (await controller.rows()).get(id)
  return `${row?.archived === true ? 'archived' : 'there'} ${row?.retired ?? '-'}`
}

describe('a prompt that is gone from the branch', () => {
  it('is archived, served as before, and none of the archive once it is back', async () => {
    const { controller, repository } = await startReleased({ [A]: 'one', [B]: 'other' })
    await repository.commit({ [A]: null })
    expect(await controller.sync()).toMatchObject({ result: 'synced', counts: { archived: 1 } })
    expect(await listed(controller, 'a')).toBe('archived -')
    expect(await served(controller, 'a')).toBe('one')
    expect(await served(controller, 'a', 'dev')).toBe('one')
    await expectSettled(controller)

    await repository.commit({ [A]: 'one' })
    await controller.sync()
    expect(await listed(controller, 'a')).toBe('there -')
    expect((await eventTypes(controller, 'a')).slice(-2)).toEqual(['archived', 'unarchived'])
    await expectSettled(controller)
  })

  it('is not archived because its file cannot become a version', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [A]: 'one', [B]: 'other' })
    await controller.sync()
    await repository.commit({ [A]: { symlink: 'b.txt' }, 'prompts/b.md': 'twice' })
    expect(await controller.sync()).toMatchObject({ counts: { quarantined: 3, archived: 0 } })
    expect(await listed(controller, 'a')).toBe('there -')
    await expectSettled(controller)
  })

  it('and was so before the first sync is archived with it', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [A]: 'one', [B]: 'other' })
    await repository.tag('v1.0.0')
    await repository.tag('v0.9.0')
    await repository.commit({ [A]: null })
    await controller.sync()
    expect(await listed(controller, 'a')).toBe('archived -')
    expect(await served(controller, 'a')).toBe('one')
    await expectSettled(controller)
  })

  it('is left to another source that owns it', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [A]: 'one', [B]: 'other' })
    await controller.sync()
    await controller.api.transfer('a', { source: 'another', create: true })
    await repository.commit({ [A]: null })
    expect(await controller.sync()).toMatchObject({ result: 'synced', counts: { archived: 0, refused: 0 } })
    expect(await listed(controller, 'a')).toBe('there -')
  })
})

describe('a prompt that is gone at a release', () => {
  it('stays stable where nothing else is configured', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [A]: 'one', [B]: 'other' })
    await repository.tag('v1.0.0')
    await repository.commit({ [A]: null })
    await repository.tag('v1.1.0')
    await controller.sync()
    expect(await served(controller, 'a')).toBe('one')
    expect(await listed(controller, 'a')).toBe('archived -')
  })

  it('goes out of service with that release, and comes back with a later one', async () => {
    const { controller, repository, another } = await startJourney({ prune: true })
    await repository.commit({ [A]: 'one', [B]: 'other' })
    await repository.tag('v1.0.0')
    await controller.sync()
    await repository.commit({ [A]: null })
    await controller.sync()
    expect(await served(controller, 'a')).toBe('one')
    await repository.tag('v1.1.0')
    expect(await controller.sync()).toMatchObject({ result: 'synced', counts: { retired: 1 } })
    expect(await served(controller, 'a')).toBe('not_released')
    expect(await served(controller, 'a@1.0.0')).toBe('one')
    expect(await served(controller, 'b@1.1.0')).toBe('other')
    expect(await listed(controller, 'a')).toBe('archived 1.1.0')
    await expectSettled(controller)

    const rebuilt = another({ folder: await scratchFolder(), source: { prune: true } })
    await rebuilt.sync()
    expect(await listed(rebuilt, 'a')).toBe('archived 1.1.0')
    expect(await served(rebuilt, 'a')).toBe('not_released')
    await expectSettled(rebuilt)

    await repository.commit({ [A]: 'two' })
    await repository.tag('v1.2.0')
    for (const one of [controller, rebuilt]) {
      await one.sync()
      expect(await served(one, 'a')).toBe('two')
      expect(await listed(one, 'a')).toBe('there -')
      await expectSettled(one)
    }
    const [old, now] = (await Promise.all([worldOf(controller), worldOf(rebuilt)])) as {
      id: string
      stable: string
    }[][]
    expect(now?.map(({ id, stable }) => `${id} ${stable}`)).toEqual(
      old?.map(({ id, stable }) => `${id} ${stable}`),
    )
  })

  it('stays while it is held, and goes once the hold is lifted', async () => {
    const { controller, repository } = await startJourney({ prune: true })
    await repository.commit({ [A]: 'one', [B]: 'other' })
    await repository.tag('v1.0.0')
    await controller.sync()
    await controller.api.hold('a', { reason: 'audit' })
    await repository.commit({ [A]: null })
    await repository.tag('v1.1.0')
    const report = await controller.sync()
    expect(findingsOf(report)).toEqual(['held a'])
    expect(report.findings[0]?.message).toContain('audit')
    expect(await served(controller, 'a')).toBe('one')
    await controller.api.unhold('a', {})
    expect(await controller.sync()).toMatchObject({ kind: 'full', counts: { retired: 1 } })
    expect(await served(controller, 'a')).toBe('not_released')
    await expectSettled(controller)
  })

  it('waits for the end of a freeze', async () => {
    const freeze = [{ cron: '0 18 * * 5', timeZone: 'Europe/Berlin', duration: '60h' }]
    const { controller, repository, clock, another } = await startJourney({ prune: true, freeze })
    await repository.commit({ [A]: 'one', [B]: 'other' })
    await repository.tag('v1.0.0')
    await another({ source: { prune: true } }).sync()
    await repository.commit({ [A]: null })
    await repository.tag('v1.1.0')
    await controller.sync()
    expect(await served(controller, 'a')).toBe('one')
    expect(await listed(controller, 'a')).toBe('archived -')
    clock.now = Date.parse('2026-03-02T05:00:00Z')
    expect(await controller.sync()).toMatchObject({ kind: 'full', counts: { retired: 1 } })
    expect(await served(controller, 'a')).toBe('not_released')
    await expectSettled(controller)
  })

  it('of its own line stays, and one that came after the newest release of all is not gone', async () => {
    const { controller, repository } = await startJourney({ prune: true })
    await repository.commit({ [A]: 'one', [B]: 'other' })
    await repository.tag('v1.0.0')
    await repository.tag('a@5.0.0')
    await controller.sync()
    await repository.commit({ [A]: null })
    await repository.tag('v2.0.0')
    await repository.commit({ 'prompts/c.txt': 'new' })
    await repository.tag('c@0.1.0')
    await controller.sync()
    await controller.sync({ force: true })
    expect(await served(controller, 'a')).toBe('one')
    expect(await served(controller, 'c')).toBe('new')
    await expectSettled(controller)
  })
})
