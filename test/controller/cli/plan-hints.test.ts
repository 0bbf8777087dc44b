import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createRepository } from '../../support/git-repository.ts'
import { configure, makeCli } from './cli-under-test.ts'

test('a plan names the files that are left out with the reason, and explains a tag that promotes many prompts', async () => {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  await repository.commit({
    'prompts/a.md': 'a',
    'prompts/b.md': 'b',
    'prompts/x.json': '{}',
    'prompts/README.md': '',
  })
  await repository.tag('v1.0.0')
  await configure(cli.folder, ['{ name: s, repository: ./repo }'])
  const { out } = await cli.run(['plan'])
  expect(out).toContain(
    '  v1.0.0 releases all 2 prompts of its commit, changed or not; a tag such as a@1.0.0 releases one\n',
  )
  expect(out).toContain(
    '  2 files are left out by include and exclude: prompts/README.md: It matches an exclude pattern',
  )
})

test('a second sync folds the findings of the first, and --full prints them again', async () => {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  await repository.commit({ 'prompts/a.md': 'a', 'prompts/b.md': '' })
  await configure(cli.folder, ['{ name: s, repository: ./repo }'])
  expect((await cli.run(['sync'])).out).toContain('quarantined prompts/b.md: ')
  await repository.commit({ 'prompts/a.md': 'changed', 'prompts/c.md': '' })
  const { out } = await cli.run(['sync'], { pause: async () => {} })
  expect(out).toContain('quarantined prompts/c.md: ')
  expect(out).toContain('  as before: 1 quarantined ("promptctl sources s" shows them)\n')
  expect((await cli.run(['sync', '--full'])).out).toContain('prompts/b.md')
})

test('a sync prints a finding again if its message changed, and folds the others', async () => {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  await repository.commit({ 'prompts/a.md': 'a', 'prompts/b.md': '', 'prompts/c.md': '' })
  await configure(cli.folder, ['{ name: s, repository: ./repo }'])
  await cli.run(['sync'])
  await repository.commit({ 'prompts/b.md': Buffer.from([0xff]) })
  const { out } = await cli.run(['sync'])
  expect(out).toMatch(/quarantined prompts\/b\.md: .*UTF-8/)
  expect(out).not.toContain('prompts/c.md')
  expect(out).toContain('  as before: 1 quarantined (')
})

test('a plan of a repository without releases explains how to make one, and one with older releases their status', async () => {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  await repository.commit({ 'prompts/a.md': 'one' })
  await configure(cli.folder, ['{ name: s, repository: ./repo }'])
  const drafts = '  these are drafts, for the modes dev and simulation; a tag such as v1.0.0 releases them\n'
  const older = '  versions of older releases are deprecated: pins and rollbacks can use them\n'
  const first = await cli.run(['plan'])
  expect(first.out).toContain(drafts)
  expect(first.out).not.toContain(older)
  await repository.tag('v1.0.0')
  expect((await cli.run(['plan'])).out).not.toContain(drafts)
  await repository.commit({ 'prompts/a.md': 'two' })
  await repository.tag('v1.1.0')
  expect((await cli.run(['plan'])).out).toContain(older)
  await cli.run(['sync'])
  await repository.commit({ 'prompts/a.md': 'three' })
  const later = await cli.run(['plan'])
  expect(later.out).toContain('push     a@')
  expect(later.out).not.toContain(drafts)
})

test('a plan shows no diff for a push that leaves the text as it is', async () => {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  await repository.commit({ 'prompts/a.md': '---\nmodel: m\n---\nAsk {{who}}\n' })
  await configure(cli.folder, ['{ name: s, repository: ./repo }'])
  await cli.run(['sync'])
  await repository.commit({ '.promptctl.yaml': 'prompts: { prompts/a.md: { format: dotprompt } }\n' })
  const { out } = await cli.run(['plan'])
  expect(out).toMatch(/^s: push 1 at .*\n {2}push {5}a@\w+ {2}prompts\/a\.md\n$/)
})

test('a plan prints the text of a new prompt once, also if a tag releases it', async () => {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  await repository.commit({ 'prompts/a.md': 'same\n', 'prompts/b.md': 'same\n' })
  await repository.tag('a@1.0.0')
  await configure(cli.folder, ['{ name: s, repository: ./repo }'])
  const { out } = await cli.run(['plan'])
  expect(out.match(/^ {2}(push|promote) .*|^ {6}\+same$/gm)?.map((line) => line.trim().slice(0, 11))).toEqual(
    [
      expect.stringMatching(/^push {5}a@/),
      '+same',
      expect.stringMatching(/^promote {2}a@/),
      expect.stringMatching(/^push {5}b@/),
      '+same',
    ],
  )
})
