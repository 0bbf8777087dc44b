import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { previewPullRequest } from '../../../controller/report/preview-pull-request.ts'
import type { PullRequestPlan } from '../../../controller/report/pull-request-plan.ts'
import { createGitSource } from '../../../controller/source/git/index.ts'
import { makeController } from '../../support/controller.ts'
import { createRepository, type TestRepository } from '../../support/git-repository.ts'
import { scratchFolder } from '../../support/scratch.ts'
import { propose } from './reported-cli.ts'

interface World {
  readonly repository: TestRepository
  readonly controller: ReturnType<typeof makeController>
  /** The plan of a pull request with these changes to the branch as it is. */
  planOf(changes: Parameters<TestRepository['commit']>[0]): Promise<PullRequestPlan>
}

async function makeWorld(source: Readonly<Record<string, unknown>> = {}): Promise<World> {
  const folder = await scratchFolder()
  const repository = await createRepository(join(folder, 'repo'))
  await mkdir(join(folder, 'controller'))
  const controller = makeController({
    folder: join(folder, 'controller'),
    repository: repository.path,
    source,
  })
  const cacheDir = join(folder, 'requests')
  const git = createGitSource({ repository: repository.path, cacheDir, env: process.env })
  const put = async (number: number, commit: string) => {
    await repository.git('update-ref', `refs/merge-requests/${number}/head`, commit)
  }
  return {
    repository,
    controller,
    async planOf(changes) {
      const { api, source: configured } = controller
      await propose({ repository, propose: put }, 7, changes)
      const world = { now: Date.now, random: () => 0, pause: async () => {} }
      return await previewPullRequest(
        { ...world, source: configured, git, api, holder: 'test', repository: repository.path },
        7,
      )
    },
  }
}

const told = ({ differences }: PullRequestPlan) => differences.map(({ change, id }) => `${change} ${id}`)

test('a file under another name of the same prompt is no change, and one under another prompt’s is two', async () => {
  const { repository, planOf } = await makeWorld()
  await repository.commit({ 'prompts/a.txt': 'a\n', 'prompts/b.txt': 'b\n' })
  const plan = await planOf({
    ...{ 'prompts/a.txt': null, 'prompts/a.md': 'a\n' },
    ...{ 'prompts/b.txt': null, 'prompts/c.txt': 'b\n' },
  })
  expect(told(plan)).toEqual(['removed b', 'new c'])
})

test('a file that gets broken is quarantined and not removed; one that is mended is new', async () => {
  const { repository, planOf } = await makeWorld()
  await repository.commit({ 'prompts/a.txt': 'a\n', 'prompts/b.txt': '', 'prompts/still.txt': '' })
  const plan = await planOf({
    ...{ 'prompts/a.txt': { symlink: 'b.txt' }, 'prompts/b.txt': 'b\n' },
    ...{ 'prompts/B.md': 'other\n', 'prompts/c d.txt': 'c\n' },
  })
  expect(told(plan)).toEqual([])
  expect(plan.quarantined.map(({ path, reason }) => `${path}: ${reason.split(';')[0]}`)).toEqual([
    'prompts/B.md: Its prompt id "B" is also that of prompts/b.txt',
    'prompts/a.txt: It is a symbolic link',
    'prompts/b.txt: Its prompt id "b" is also that of prompts/B.md',
    expect.stringContaining('prompts/c d.txt: '),
  ])
  expect(told(await planOf({ 'prompts/b.txt': 'b\n' }))).toEqual(['new b'])
})

test('a release would promote what is not stable yet, of the branch and of the pull request, but nothing frozen', async () => {
  const { repository, controller, planOf } = await makeWorld()
  await repository.commit({ 'prompts/a.txt': 'a\n', 'prompts/b.txt': 'b\n', 'prompts/c.txt': 'c\n' })
  await repository.tag('v1.0.0')
  await controller.sync()
  await repository.commit({ 'prompts/draft.txt': 'draft\n', 'prompts/c.txt': 'c 2\n' })
  await controller.sync()
  await controller.api.hold('a', {})
  const changes = { 'prompts/a.txt': 'a 2\n', 'prompts/b.txt': 'b 2\n', 'prompts/c.txt': 'c\n' }
  expect((await planOf(changes)).promotions).toEqual(['b', 'draft'])
  expect((await planOf({ 'prompts/draft.txt': null })).promotions).toEqual(['c'])
})

test('a pull request that takes most prompts away says that its merge waits for a person', async () => {
  const { repository, planOf } = await makeWorld({ massChange: { share: 0.5, least: 3 } })
  const paths = ['a', 'b', 'c', 'd'].map((name) => `prompts/${name}.txt`)
  await repository.commit(Object.fromEntries(paths.map((path) => [path, `${path}\n`])))
  const gone = (count: number) => Object.fromEntries(paths.slice(0, count).map((path) => [path, null]))
  expect((await planOf(gone(2))).massChange).toBeNull()
  expect((await planOf(gone(3))).massChange).toBe('3 of 4 prompts are gone from the branch (a, b, c).')
})

test('what front matter says is shown as it is in the file, and bounds the content where the layout says so', async () => {
  const { repository, planOf } = await makeWorld()
  await repository.commit({ 'prompts/a.txt': '---\ntags: [x]\n---\ntext\n' })
  const plan = await planOf({
    'prompts/a.txt': '---\ntags: [x, y]\n---\ntext\n',
    'prompts/b.txt': '---\na: 1\n---\n',
  })
  expect(plan.differences).toMatchObject([
    { id: 'a', change: 'changed', diff: expect.stringContaining('+tags: [x, y]') },
  ])
  expect(plan.quarantined).toMatchObject([
    { path: 'prompts/b.txt', reason: expect.stringContaining('empty') },
  ])
})

test('more files than are read at once are all told, without the diffs of those that nobody would read', async () => {
  const { repository, planOf } = await makeWorld()
  await repository.commit({ 'prompts/a.txt': 'a\n' })
  const files = Array.from(
    { length: 120 },
    (_, index) => [`prompts/${1000 + index}.txt`, `text ${index}\n`] as const,
  )
  const plan = await planOf({ ...Object.fromEntries(files), 'prompts/long.txt': 'x'.repeat(100_000) })
  expect(plan.differences).toHaveLength(121)
  expect(plan.differences.filter(({ diff }) => diff === null).map(({ id }) => id)).toEqual(['long'])
})
