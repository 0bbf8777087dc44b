import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createRepository } from '../../support/git-repository.ts'
import { propose } from '../report/reported-cli.ts'
import { configure, makeCli, words } from './cli-under-test.ts'

test('plan --pull-request reads any repository with its head, and has a plan for each source', async () => {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  await repository.commit({ 'prompts/a.txt': 'a\n', 'more/b.txt': 'b\n' })
  await configure(cli.folder, [
    '{ name: one, repository: ./repo }',
    '{ name: two, repository: ./repo, directories: [more] }',
    '{ name: other, repository: ./elsewhere }',
  ])
  const put = async (number: number, commit: string) => {
    await repository.git('update-ref', `refs/merge-requests/${number}/head`, commit)
  }
  const head = await propose({ repository, propose: put }, 12, { 'more/b.txt': 'b 2\n' })
  const { code, out } = await cli.run(words('plan one two --pull-request 12'))
  const at = `${head.slice(0, 12)}, compared with main at`
  expect(code).toBe(0)
  expect(out).toMatch(
    new RegExp(
      `^one: no prompts changed\n  ${at} .*\n(.*\n)two: 1 prompt changed\n  ${at} .*\n  changed  b  more/b.txt\n`,
    ),
  )
  // Nothing was written: the registry is not even there.
  expect((await cli.run(words('list'))).code).not.toBe(0)
})

test('plan --pull-request asks for the source if the number is ambiguous', async () => {
  const cli = await makeCli()
  await configure(cli.folder, [
    '{ name: one, repository: ./repo }',
    '{ name: other, repository: ./elsewhere }',
  ])
  expect(await cli.run(words('plan --pull-request 12'))).toMatchObject({
    code: 2,
    err: expect.stringContaining('Name the source of the pull request'),
  })
})
