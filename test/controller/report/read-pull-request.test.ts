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

test('renaming a file is no change if the prompt id stays, and two changes if it does not', async () => {
  const { repository, planOf } = await makeWorld()
  await repository.commit({ 'prompts/a.txt': 'a\n', 'prompts/b.txt': 'b\n' })
  const plan = await planOf({
    ...{ 'prompts/a.txt': null, 'prompts/a.md': 'a\n' },
    ...{ 'prompts/b.txt': null, 'prompts/c.txt': 'b\n' },
  })
  expect(told(plan)).toEqual(['removed b', 'new c'])
  expect(plan.differences.map(({ movedTo }) => movedTo)).toEqual(['c', null])
})

test('a file that is renamed by case alone stays the same prompt', async () => {
  const { repository, controller, planOf } = await makeWorld()
  await repository.commit({ 'prompts/a.txt': 'a\n', 'prompts/b.txt': 'b\n' })
  await controller.sync()
  const plan = await planOf({
    ...{ 'prompts/a.txt': null, 'prompts/A.txt': 'a 2\n' },
    ...{ 'prompts/b.txt': null, 'prompts/B.txt': 'b\n' },
  })
  expect(told(plan)).toEqual(['changed a'])
  expect(plan.refused).toEqual([])
})

test('a renamed file is refused if the registry keeps reading its bytes as another format', async () => {
  const { repository, controller, planOf } = await makeWorld()
  const text = '---\nmodel: m\n---\nAsk {{who}}.\n'
  await repository.commit({ 'prompts/a.md': text, 'prompts/b.md': text })
  await controller.sync()
  const plan = await planOf({
    ...{ 'prompts/a.md': null, 'prompts/a.prompt': text },
    ...{ 'prompts/b.md': null, 'prompts/b.txt': text },
  })
  expect(told(plan)).toEqual([])
  expect(plan.refused.map(({ id }) => id)).toEqual(['a'])
  expect(plan.refused[0]?.reason).toContain('set format: dotprompt in .promptctl.yaml')
})

test('a file that becomes invalid is quarantined and not removed, and a repaired one is new', async () => {
  const { repository, planOf } = await makeWorld()
  await repository.commit({ 'prompts/a.txt': 'a\n', 'prompts/b.txt': '', 'prompts/still.txt': '' })
  const plan = await planOf({
    ...{ 'prompts/a.txt': { symlink: 'b.txt' }, 'prompts/b.txt': 'b\n' },
    ...{ 'prompts/B.md': 'other\n', 'prompts/c:d.txt': 'c\n' },
  })
  expect(told(plan)).toEqual([])
  expect(plan.quarantined.map(({ path, reason }) => `${path}: ${reason.split(';')[0]}`)).toEqual([
    'prompts/B.md: Its prompt id "B" is also the id of prompts/b.txt',
    'prompts/a.txt: It is a symbolic link',
    'prompts/b.txt: Its prompt id "b" is also the id of prompts/B.md',
    expect.stringContaining('prompts/c:d.txt: '),
  ])
  expect(told(await planOf({ 'prompts/b.txt': 'b\n' }))).toEqual(['new b'])
})

test('a release would promote unstable prompts of the branch and the pull request, but no frozen ones', async () => {
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

test('a pull request that removes most prompts warns that the pass after a merge would be held', async () => {
  const { repository, planOf } = await makeWorld({ massChange: { share: 0.5, least: 3 } })
  const paths = ['a', 'b', 'c', 'd'].map((name) => `prompts/${name}.txt`)
  await repository.commit(Object.fromEntries(paths.map((path) => [path, `${path}\n`])))
  const gone = (count: number) => Object.fromEntries(paths.slice(0, count).map((path) => [path, null]))
  expect((await planOf(gone(2))).massChange).toBeNull()
  expect((await planOf(gone(3))).massChange).toBe('3 of 4 prompts are gone from the branch (a, b, c).')
  const twins = (count: number) =>
    Object.fromEntries(['a', 'b', 'c'].slice(0, count).map((name) => [`prompts/${name}.md`, 'twin\n']))
  expect((await planOf(twins(2))).massChange).toBeNull()
  expect((await planOf(twins(3))).massChange).toBe(
    '3 of 4 prompts have a file that cannot become a version (a, b, c).',
  )
})

test('front matter is shown as in the file, and ends where the content begins if the layout reads it', async () => {
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
    { path: 'prompts/b.txt', reason: expect.stringContaining('no content') },
  ])
})

test('changed inputs are compared, and the first byte of the content that differs is known', async () => {
  const { repository, planOf } = await makeWorld()
  const file = (variables: string, content: string) => `---\nvariables: ${variables}\n---\n${content}\n`
  await repository.commit({
    'prompts/a.md': file('[who, tone]', 'Hi {{who}}'),
    'prompts/b.md': file('[who]', 'Hi'),
  })
  const plan = await planOf({
    'prompts/a.md': file('[who]', 'Hello {{who}}'),
    'prompts/b.md': file('[who, tone]', 'Hi'),
    'prompts/c.md': 'New',
  })
  const removed = { name: 'tone', step: 'major', what: 'was removed or renamed' }
  const added = { name: 'tone', step: 'major', what: 'was added and is required' }
  expect(plan.differences).toMatchObject([
    { id: 'a', note: { inputs: [removed], prefix: 1 } },
    { id: 'b', note: { inputs: [added], prefix: null } },
    { id: 'c', note: { inputs: [], prefix: null } },
  ])
})

test('all files of a large pull request are listed, without the longest diffs', async () => {
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

test('a file with a secret or hidden characters would be quarantined, and its secret is not shown again', async () => {
  const { repository, planOf } = await makeWorld({ allowUnsafeText: ['prompts/red/**'] })
  await repository.commit({ 'prompts/a.txt': 'a\n' })
  const token = `ghp_${'aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW0yZaB3d'}`
  const plan = await planOf({
    ...{ 'prompts/a.txt': `a\nUse ${token}.\n`, 'prompts/b.txt': 'b\u202E\n' },
    ...{ 'prompts/c.txt': 'c\n', 'prompts/red/d.txt': 'd\u202E\n' },
  })
  expect(told(plan)).toEqual(['new c', 'new red/d'])
  expect(plan.quarantined.map(({ path, reason }) => [path, reason.split('.')[0]])).toEqual([
    ['prompts/a.txt', 'Line 2, column 5: The text has a GitHub token'],
    [
      'prompts/b.txt',
      'Line 1, column 2: The text has the character U+202E: people see the text in a different order than a model reads it',
    ],
  ])
  expect(plan.promotions).toEqual(['c', 'red/d'])
  expect(JSON.stringify(plan)).not.toContain(token.slice(4, 16))
})

test('a file with a secret that was released already is a change like any other', async () => {
  const { repository, controller, planOf } = await makeWorld()
  const text = `Use ghp_${'aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW0yZaB3d'}.\n`
  await repository.commit({ 'prompts/a.txt': text })
  await repository.tag('v1.0.0')
  const { api } = controller
  await api.push({
    prompt_id: 'a',
    content: text,
    format: 'text',
    front_matter: '',
  })
  await api.promote('a', {
    version: (await api.versions('a', {})).versions[0]?.version ?? '',
    alias: '1.0.0',
  })
  await repository.commit({ 'prompts/a.txt': 'safe\n' })
  expect(await planOf({ 'prompts/a.txt': text })).toMatchObject({
    quarantined: [],
    differences: [{ id: 'a', change: 'changed' }],
  })
})
