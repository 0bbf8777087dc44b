import { describe, expect, it } from 'vitest'
import type { TestController } from '../support/controller.ts'
import {
  changesOf,
  eventsOf,
  expectSettled,
  findingsOf,
  served,
  startReleased,
} from '../support/planned-journey.ts'

const A = 'prompts/a.txt'
const B = 'prompts/b.txt'
const C = 'prompts/c.txt'
const LAYOUT = '.promptctl.yaml'

/** The state of a prompt in the list, such as `moved to b`. */
async function listed(controller: TestController, id: string): Promise<string> {
  const row = (await controller.rows()).get(id)
  if (row === undefined) return 'unknown'
  if (row.moved_to !== null) return `${row.archived ? '' : 'not archived, but '}moved to ${row.moved_to}`
  return row.archived ? 'archived' : 'there'
}

/** A synced source with the released prompts `a` and `keep`. */
const started = (source: Readonly<Record<string, unknown>> = {}) =>
  startReleased({ [A]: 'one', 'prompts/keep.txt': 'kept' }, source)

describe('a file that moves with its text', () => {
  it('leaves an archived prompt that shows where it is now, until it comes back', async () => {
    const { controller, repository } = await started()
    await repository.commit({ [A]: null, 'prompts/team/b.md': 'one' })
    expect(changesOf(await controller.plan())).toContain('archive a to team/b')
    expect(await controller.sync()).toMatchObject({ result: 'synced', counts: { archived: 1, pushed: 1 } })
    expect(await listed(controller, 'a')).toBe('moved to team/b')
    expect(await controller.api.resolve('a')).toMatchObject({ archived: true, moved_to: 'team/b' })
    expect(await served(controller, 'a')).toBe('one')
    expect((await eventsOf(controller, 'a')).at(-1)).toMatchObject({
      type: 'archived',
      details: { moved_to: 'team/b' },
    })
    await expectSettled(controller)

    await repository.commit({ [A]: 'one', 'prompts/team/b.md': null })
    await controller.sync()
    expect([await listed(controller, 'a'), await listed(controller, 'team/b')]).toEqual([
      'there',
      'moved to a',
    ])
    await expectSettled(controller)
  })

  it('through several commits between two passes has moved once, to where it is now', async () => {
    const { controller, repository } = await started()
    await repository.commit({ [A]: null, [B]: 'one' })
    await repository.commit({ [B]: null, [C]: 'one' })
    await controller.sync()
    expect([await listed(controller, 'a'), await listed(controller, 'b')]).toEqual(['moved to c', 'unknown'])
  })

  it.each([
    ['with a full pass', { force: true }, {}],
    ['with prune', {}, { prune: true }],
  ])('is seen %s too', async (_, wishes, source) => {
    const { controller, repository } = await started(source)
    await repository.commit({ [A]: null, [B]: 'one' })
    await repository.tag('v1.1.0')
    expect(await controller.sync(wishes)).toMatchObject({ kind: 'full' })
    expect(await listed(controller, 'a')).toBe('moved to b')
    await expectSettled(controller)
  })

  it('because the layout gives its directory another prefix is seen too', async () => {
    const { controller, repository } = await started()
    await repository.commit({ [LAYOUT]: 'directories: [{ path: prompts, idPrefix: team/ }]\n' })
    await controller.sync()
    expect([await listed(controller, 'a'), await listed(controller, 'keep')]).toEqual([
      'moved to team/a',
      'moved to team/keep',
    ])
    await expectSettled(controller)
  })

  it('is only archived if two new prompts have its text', async () => {
    const { controller, repository } = await started()
    await repository.commit({ [A]: null, [B]: 'one', [C]: 'one' })
    await controller.sync()
    expect(await listed(controller, 'a')).toBe('archived')
    await expectSettled(controller)
  })

  it('is only archived if the registry refuses the new prompt', async () => {
    const { controller, repository } = await started()
    await controller.api.push({ prompt_id: 'b', content: 'x' })
    await controller.api.transfer('b', { source: 'another', create: true })
    await repository.commit({ [A]: null, [B]: 'one' })
    expect(findingsOf(await controller.sync())).toEqual(['refused b'])
    expect(await listed(controller, 'a')).toBe('archived')
  })

  it('is only archived if the pass compares nothing, as the first one', async () => {
    const { another, controller, repository } = await started()
    await repository.commit({ [A]: null, [B]: 'one' })
    await controller.sync()
    const rebuilt = another({ folder: `${repository.path}-rebuilt` })
    await rebuilt.sync()
    expect([await listed(rebuilt, 'a'), await listed(rebuilt, 'b')]).toEqual(['archived', 'there'])
    await expectSettled(rebuilt)
  })
})

describe('a move that the layout declares', () => {
  const MOVED = 'moved: [{ from: a, to: b }]\n'

  it('counts although the text is changed', async () => {
    const { controller, repository } = await started()
    await repository.commit({ [A]: null, [B]: 'another', [LAYOUT]: MOVED })
    expect(findingsOf(await controller.sync())).toEqual([])
    expect(await listed(controller, 'a')).toBe('moved to b')
    await expectSettled(controller)
  })

  it('counts for a prompt that is archived already, and stays if it is taken back', async () => {
    const { controller, repository } = await started()
    await repository.commit({ [A]: null, [B]: 'another' })
    await controller.sync()
    expect(await listed(controller, 'a')).toBe('archived')
    await repository.commit({ [LAYOUT]: MOVED })
    expect(changesOf(await controller.plan())).toEqual(['archive a to b'])
    await controller.sync()
    await expectSettled(controller)
    await repository.commit({ [LAYOUT]: null })
    await controller.sync()
    expect(await listed(controller, 'a')).toBe('moved to b')
    await expectSettled(controller)
  })

  it('counts in a registry that is rebuilt from git, and over what the text shows', async () => {
    const { another, controller, repository } = await started()
    await repository.commit({ [A]: null, [B]: 'another', [C]: 'one', [LAYOUT]: MOVED })
    await controller.sync()
    const rebuilt = another({ folder: `${repository.path}-rebuilt` })
    await rebuilt.sync()
    for (const one of [controller, rebuilt]) expect(await listed(one, 'a')).toBe('moved to b')
    await expectSettled(rebuilt)
  })

  it('is reported if the branch lacks its target, and has no effect on a prompt that is there', async () => {
    const { controller, repository } = await started()
    await repository.commit({ [LAYOUT]: 'moved: [{ from: keep, to: nowhere }]\n' })
    expect(findingsOf(await controller.sync())).toEqual(['unknown_name nowhere'])
    expect(await listed(controller, 'keep')).toBe('there')
    await expectSettled(controller)
  })

  it.each([
    ['to itself', 'moved: [{ from: a, to: A }]\n', '"a" moves to itself'],
    ['twice', 'moved: [{ from: a, to: b }, { from: a, to: c }]\n', '"a" moves twice'],
    ['to what is no id', 'moved: [{ from: a, to: "b@1.0.0" }]\n', 'moved[0].to'],
  ])('is refused if a prompt moves %s', async (_, layout, message) => {
    const { controller, repository } = await started()
    await repository.commit({ [LAYOUT]: layout })
    const report = await controller.sync()
    expect(findingsOf(report)).toEqual(['layout_invalid .promptctl.yaml'])
    expect(report.findings[0]?.message).toContain(message)
  })
})

describe('a file that is renamed by case alone', () => {
  const UPPER = 'prompts/A.txt'

  it('stays the same prompt, under the same id', async () => {
    const { another, controller, repository } = await started()
    await repository.commit({ [A]: null, [UPPER]: 'two' })
    await repository.tag('v1.1.0')
    const report = await controller.sync()
    expect(findingsOf(report)).toEqual([])
    expect(report).toMatchObject({ kind: 'changes', counts: { pushed: 1, promoted: 1, archived: 0 } })
    const row = (await controller.rows()).get('a')
    expect(row).toMatchObject({ archived: false, stable_release: '1.1.0', moved_to: null })
    expect(await served(controller, 'a')).toBe('two')
    expect(await served(controller, 'a@1.0.0')).toBe('one')
    await expectSettled(controller)

    await repository.commit({ [UPPER]: 'three' })
    await controller.sync()
    expect(await served(controller, 'a', 'dev')).toBe('three')
    await repository.commit({ [UPPER]: null, [B]: 'three' })
    await controller.sync()
    expect(await listed(controller, 'a')).toBe('moved to b')
    await expectSettled(controller)

    const rebuilt = another({ folder: `${repository.path}-rebuilt` })
    await rebuilt.sync()
    expect([...(await rebuilt.rows()).keys()].sort()).toEqual(['a', 'b', 'keep'])
    expect(await served(rebuilt, 'a')).toBe('two')
    expect(await served(rebuilt, 'a@1.0.0')).toBe('one')
    await expectSettled(rebuilt)
  })

  it('stays the same prompt with a full pass and prune, while its file cannot be read, and renamed back', async () => {
    const { controller, repository } = await started({ prune: true })
    await repository.commit({ [A]: null, [UPPER]: '' })
    await repository.tag('v1.1.0')
    expect(await controller.sync({ force: true })).toMatchObject({ kind: 'full', counts: { quarantined: 1 } })
    expect(await listed(controller, 'a')).toBe('there')
    await repository.commit({ [A]: 'one', [UPPER]: null })
    expect(findingsOf(await controller.sync())).toEqual(['tag_incomplete v1.1.0'])
    expect([await listed(controller, 'a'), (await controller.rows()).size]).toEqual(['there', 2])
    await expectSettled(controller)
  })

  it('stays the same prompt for a release of its old name that comes late', async () => {
    const { controller, repository } = await started()
    await repository.commit({ [A]: null, [UPPER]: 'two' })
    await controller.sync()
    await repository.git('tag', 'v1.2.0', 'HEAD~1')
    await controller.sync()
    expect((await controller.rows()).get('a')).toMatchObject({ archived: false, stable_release: '1.2.0' })
    expect(await served(controller, 'a', 'dev')).toBe('two')
    await expectSettled(controller)
  })

  it('is compared as the registry compares ids', async () => {
    const { controller, repository } = await started()
    await repository.commit({ 'prompts/straße.txt': 'x' })
    await controller.sync()
    await repository.commit({ 'prompts/straße.txt': null, 'prompts/STRASSE.txt': 'y' })
    expect(findingsOf(await controller.sync())).toEqual([])
    expect(await served(controller, 'straße', 'dev')).toBe('y')
  })
})
