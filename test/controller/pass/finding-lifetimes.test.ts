import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { subjectName } from '../../../controller/findings/bounded-finding.ts'
import type { PassInput } from '../../../controller/pass/pass-input.ts'
import { SourceError } from '../../../controller/source/git-source.ts'
import type { PassReport } from '../../../controller/state/pass-report.ts'
import { makeController, sourceConfig } from '../../support/controller.ts'
import { createRepository } from '../../support/git-repository.ts'
import { scratchFolder } from '../../support/scratch.ts'

async function start(source: object = {}) {
  const folder = await scratchFolder()
  const repository = await createRepository(join(folder, 'repository'))
  const settings = { releases: ['v{version}', '{version}', '{id}@{version}'], ...source }
  const controller = makeController({ folder, repository: repository.path, source: settings })
  const findings = async (options?: Partial<PassInput>) => found(await controller.sync(options))
  return { repository, controller, findings }
}

function found({ findings }: PassReport): string[] {
  return findings.map(({ code, subject }) => `${code} ${subject.name}`.trim())
}

const FULL = { force: true }

describe('a finding about a release tag', () => {
  it('ends with the tag in every kind of pass, if two tags conflict', async () => {
    const { repository, findings } = await start()
    await repository.commit({ 'prompts/a.txt': 'one' })
    await repository.tag('v1.0.0')
    await findings()
    await repository.commit({ 'prompts/a.txt': 'two' })
    await repository.tag('1.0.0')
    expect(await findings()).toEqual(['release_conflict 1.0.0'])
    expect(await findings()).toEqual(['release_conflict 1.0.0'])
    expect(await findings(FULL)).toEqual(['release_conflict 1.0.0'])
    await repository.deleteTag('1.0.0')
    expect(await findings()).toEqual(['tag_deleted 1.0.0'])
    expect(await findings(FULL)).toEqual(['tag_deleted 1.0.0'])
  })

  it('ends with the tag in every kind of pass, if it released nothing', async () => {
    const { repository, findings } = await start()
    await repository.commit({ 'other.txt': 'nothing' })
    await repository.tag('v0.1.0')
    await repository.commit({ 'prompts/a.txt': 'one', 'prompts/b.txt': '' })
    await repository.tag('v1.0.0')
    await repository.commit({ 'prompts/b.txt': 'now' })
    const all = ['tag_empty v0.1.0', 'tag_incomplete v1.0.0']
    expect(await findings()).toEqual(all)
    await repository.commit({ 'prompts/a.txt': 'two' })
    expect(await findings()).toEqual(all)
    expect(await findings(FULL)).toEqual(all)
    await repository.deleteTag('v0.1.0')
    await repository.deleteTag('v1.0.0')
    const deleted = ['tag_deleted v1.0.0', 'tag_deleted v0.1.0']
    expect(await findings()).toEqual(deleted)
    expect(await findings(FULL)).toEqual(deleted)
  })

  it('ends when the tag moves, because only the move matters then', async () => {
    const { repository, findings } = await start()
    await repository.commit({ 'other.txt': 'nothing' })
    await repository.tag('v0.1.0')
    await repository.commit({ 'prompts/a.txt': 'one' })
    expect(await findings()).toEqual(['tag_empty v0.1.0'])
    await repository.tag('v0.1.0', { force: true })
    expect(await findings()).toEqual(['tag_moved v0.1.0'])
    expect(await findings(FULL)).toEqual(['tag_moved v0.1.0'])
  })

  it('ends when the tag is no longer a release', async () => {
    const { repository, controller, findings } = await start()
    await repository.commit({ 'prompts/a.txt': 'one' })
    await repository.tag('v2.0.0')
    await findings()
    await repository.commit({ 'prompts/a.txt': 'two' })
    await repository.tag('1.0.0')
    expect(await findings()).toEqual(['tag_lower 1.0.0'])
    expect(await findings(FULL)).toEqual(['tag_lower 1.0.0'])
    const { repository: path } = controller.source
    const source = sourceConfig({ name: 'demo', repository: path, releases: ['v{version}'] })
    expect(await findings({ source })).toEqual(['tags_unmatched'])
  })

  it('is not in a plan either', async () => {
    const { repository, controller, findings } = await start()
    await repository.commit({ 'other.txt': 'nothing' })
    await repository.tag('v0.1.0')
    await repository.commit({ 'prompts/a.txt': 'one' })
    await findings()
    await repository.deleteTag('v0.1.0')
    const plan = await controller.plan(FULL)
    expect(plan.findings.map(({ code }) => code)).toEqual(['tag_deleted'])
  })
})

describe('a finding about a pass that failed', () => {
  const unreachable = () => Promise.reject(new SourceError('unreachable', 'The host does not answer.'))
  const down = { listRefs: unreachable, open: unreachable }

  it('ends with the next pass that reads the repository', async () => {
    const { repository, findings } = await start()
    await repository.commit({ 'prompts/a.txt': 'one' })
    await findings()
    await findings({ git: down })
    expect(await findings({ retryNow: true })).toEqual([])
  })

  it('ends even if that pass is held, which stays held', async () => {
    const { repository, controller, findings } = await start({ massChange: { share: 0.5, least: 2 } })
    await repository.commit({ 'prompts/a.txt': 'one', 'prompts/b.txt': 'two' })
    await findings()
    await repository.commit({ 'prompts/a.txt': null, 'prompts/b.txt': null })
    const [held] = (await controller.sync()).findings.filter(({ code }) => code === 'mass_change')
    await findings({ git: down })
    expect(await findings()).toEqual(['pass_failed demo', 'mass_change demo', 'nothing_found'])
    const report = await controller.sync({ retryNow: true })
    expect([report.result, ...found(report)]).toEqual(['held', 'mass_change demo', 'nothing_found'])
    expect(report.findings).toContainEqual(held)
    // Nothing is left to retry.
    expect(await controller.sync({ retryNow: true })).toMatchObject({ kind: 'none', result: 'held' })
  })
})

describe("names and paths beyond the registry's limits", () => {
  it('stay distinct when a file is unchanged and when it is read again', async () => {
    const folder = Array.from({ length: 6 }, () => 'd'.repeat(200)).join('/')
    const { repository, findings } = await start({ directories: [folder] })
    await repository.commit({
      [`${folder}/a.md`]: '---\nglobs: **/*.ts\n---\none',
      [`${folder}/b.md`]: 'two',
    })
    const repaired = [`front_matter_repaired ${subjectName(`${folder}/a.md`)}`]
    expect(await findings()).toEqual(repaired)
    await repository.commit({ [`${folder}/b.md`]: 'three' })
    expect(await findings()).toEqual(repaired)
    await repository.commit({ [`${folder}/a.md`]: 'four' })
    expect(await findings()).toEqual([])
  })

  it('are shortened, and their findings end with their cause', async () => {
    const { repository, controller, findings } = await start()
    const folder = ['prompts', ...Array.from({ length: 6 }, () => 'd'.repeat(200))].join('/')
    const unknown = 'x'.repeat(3000)
    await repository.commit({
      'prompts/a.txt': 'one',
      [`${folder}/a.txt`]: 'deep',
      [`${folder}/b.txt`]: 'deep',
      '.promptctl.yaml': `prompts: { ${unknown}: { tags: [t] }, ${'y'.repeat(3000)}: { tags: [t] } }\n`,
    })
    const first = await controller.sync()
    expect(first).toMatchObject({ result: 'synced', counts: { quarantined: 2, unknown_name: 2 } })
    expect(new Set(found(first)).size).toBe(4)
    await repository.commit({ 'prompts/a.txt': 'two' })
    expect(await findings()).toEqual(found(first))
    await repository.commit({ [`${folder}/b.txt`]: null, '.promptctl.yaml': null })
    expect(await findings()).toEqual([`quarantined ${subjectName(`${folder}/a.txt`)}`])
  })
})
