import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createRepository } from '../../support/git-repository.ts'
import { propose } from '../report/reported-cli.ts'
import { configure, makeCli, words } from './cli-under-test.ts'

async function startMoved() {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  await repository.commit({ 'prompts/a.txt': 'one\n', 'prompts/b.txt': 'two\n' })
  await configure(cli.folder, ['{ name: demo, repository: ./repo }'])
  await cli.run(words('sync'))
  const run = async (line: string) => await cli.run(words(line))
  return { repository, run }
}

test('plan, list and get show where a prompt moved', async () => {
  const { repository, run } = await startMoved()
  await repository.commit({ 'prompts/a.txt': null, 'prompts/team/c.txt': 'one\n', 'prompts/b.txt': null })
  const plan = await run('plan')
  expect(plan.out).toContain('archive  a  (moved to team/c)\n')
  expect(plan.out).toContain('archive  b  (gone from the branch)\n')
  const [{ changes }] = JSON.parse((await run('plan -o json')).out).plans
  expect(changes).toContainEqual(expect.objectContaining({ prompt_id: 'a', moved_to: 'team/c' }))
  expect(changes).toContainEqual(expect.objectContaining({ prompt_id: 'b', moved_to: null }))
  expect((await run('sync')).code).toBe(0)
  const list = await run('list')
  expect(list.out).toMatch(/^a .* demo \(moved to team\/c\)/m)
  expect(list.out).toMatch(/^b .* demo \(archived\)/m)
  const get = await run('get a --mode dev')
  expect([get.out, get.err]).toEqual(['one\n', '"a" moved to "team/c". Use the new id.\n'])
  expect((await run('get b --mode dev')).err).toBe('')
})

test('plan --pull-request shows where the prompts go that it removes', async () => {
  const { repository, run } = await startMoved()
  await repository.commit({ '.promptctl.yaml': 'moved: [{ from: b, to: d }]\n' })
  const put = async (number: number, commit: string) => {
    await repository.git('update-ref', `refs/merge-requests/${number}/head`, commit)
  }
  const changes = {
    ...{ 'prompts/a.txt': null, 'prompts/team/c.txt': 'one\n' },
    ...{ 'prompts/b.txt': null, 'prompts/d.txt': 'three\n' },
  }
  await propose({ repository, propose: put }, 12, changes)
  const { out } = await run('plan demo --pull-request 12')
  expect(out).toContain('  removed  a  prompts/a.txt  (moved to team/c)\n')
  expect(out).toContain('  removed  b  prompts/b.txt  (moved to d)\n')
})
