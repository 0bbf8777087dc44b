import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { PassReport } from '../../../controller/state/pass-report.ts'
import { makeController } from '../../support/controller.ts'
import { type GitHubWorld, withGitHub } from '../../support/github/world.ts'

/** Everything of a registry that follows from git. */
async function harvest(controller: ReturnType<typeof makeController>) {
  const rows = [...(await controller.rows())].map(([id, { stable, latest }]) => ({ id, stable, latest }))
  const versions = rows.map(async ({ id }) => {
    const { versions: all } = await controller.api.versions(id, {})
    return all.map(({ version, status, aliases, origin }) => ({ version, status, aliases, origin }))
  })
  return { rows, versions: await Promise.all(versions) }
}

async function controllerAt({ root, repository }: GitHubWorld, name: string) {
  const folder = join(root, name)
  await mkdir(folder)
  return makeController({ folder, repository: repository.path })
}

test('brings a registry to the same state as git, and then checks without quota', () =>
  withGitHub(async (world) => {
    const { repository, github, source, asked } = world
    const prompts = (text: string) =>
      Object.fromEntries(
        Array.from({ length: 30 }, (_, index) => [`prompts/area/${index}.txt`, `${text} ${index}\n`]),
      )
    await repository.commit(prompts('first'))
    await repository.tag('v1.0.0', { annotated: true })
    await repository.commit({
      'prompts/area/1.txt': 'second 1\n',
      'prompts/latin1.txt': Buffer.from('\xe9', 'latin1'),
    })
    await repository.tag('v1.1.0')
    await repository.git('checkout', '--quiet', '-b', 'side')
    await repository.commit({ 'prompts/area/2.txt': 'stray\n' })
    await repository.tag('v9.0.0')
    await repository.git('checkout', '--quiet', 'main')
    await repository.commit({ 'prompts/area/3.txt': 'draft\n' })

    const byGit = await controllerAt(world, 'by-git')
    const byApi = await controllerAt(world, 'by-api')
    const git = source()
    const [expected, report] = [await byGit.sync(), await byApi.sync({ git })]
    const found = ({ findings }: PassReport) => findings.map(({ first_seen: _, ...finding }) => finding)
    expect(report).toMatchObject({ result: 'synced', counts: expected.counts })
    expect(found(report)).toEqual(found(expected))
    expect(await harvest(byApi)).toEqual(await harvest(byGit))

    asked()
    const { remaining } = github.quota.core
    expect(await byApi.sync({ git })).toMatchObject({ result: 'unchanged' })
    expect(asked()).toHaveLength(3)
    expect(github.quota.core.remaining).toBe(remaining)

    await repository.commit({ 'prompts/area/4.txt': 'third 4\n' })
    await repository.tag('v1.2.0', { annotated: true })
    // Another process, which remembers nothing.
    expect(await byApi.sync({ git: source() })).toMatchObject({ result: 'synced' })
    await byGit.sync()
    expect(await harvest(byApi)).toEqual(await harvest(byGit))
    github.remove('acme', 'prompts')
    const failed = await byApi.sync({ git })
    expect(failed).toMatchObject({
      result: 'failed',
      message: expect.stringContaining('does not show the repository'),
    })
    github.host('acme', 'prompts', repository.path)
    expect(await byApi.sync({ git, retryNow: true })).toMatchObject({ result: 'synced' })
  }))
