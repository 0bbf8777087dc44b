import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createRepository } from '../../support/git-repository.ts'
import { makeCli, words } from './cli-under-test.ts'

async function withRepository() {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'support-texts'))
  await repository.commit({
    'lib/prompts/mail/triage.md': 'Sort.',
    'lib/prompts/README.md': 'x',
    'lib/a.ts': '',
  })
  await repository.tag('release-1.0.0')
  return { ...cli, repository, config: join(cli.folder, 'promptctl.yaml') }
}

test('init and sync bring the release of a repository into a registry', async () => {
  const { run, folder } = await withRepository()
  const { code, out, err } = await run(words('init support-texts'))
  expect([code, err]).toEqual([0, ''])
  expect(out).toContain('directories  lib/prompts  (its name is usual for prompts)')
  expect(out).toContain('releases     release-{version}  (1 of 1 tags match)')
  expect(out).toContain('prompts      1  (lib/prompts/mail/triage.md becomes mail/triage)')
  expect(out).toContain('left out     1  (lib/prompts/README.md: It matches an exclude pattern')
  expect(out).toContain('Next: "promptctl plan" shows')
  expect((await run(['sync'])).code).toBe(0)
  expect((await run(['get', 'mail/triage@1.0.0'])).out).toBe('Sort.')
  expect((await readdir(folder)).toSorted()).toEqual(['.promptctl', 'promptctl.yaml', 'support-texts'])
})

test('questions on a terminal offer what was detected', async () => {
  const { run, config } = await withRepository()
  const answers = 'mail\n\nteam/\n'
  const { code, out, err } = await run(words('init ./support-texts'), { stdin: answers, typed: true })
  expect(err).toBe(
    'Name of the source [support-texts]: Directories with prompts [lib/prompts]: Prefix of the ids, such as support/: ',
  )
  expect(out).toContain('becomes team/mail/triage')
  expect(code).toBe(0)
  expect(await readFile(config, 'utf8')).toContain('  - name: mail\n')
})

test('input that ends early changes nothing', async () => {
  const { run, folder } = await withRepository()
  const ran = await run(words('init ./support-texts'), { stdin: 'mail\n', typed: true })
  expect([ran.code, ran.err]).toEqual([1, expect.stringContaining('Nothing was changed. [not_confirmed]')])
  expect(await readdir(folder)).toEqual(['support-texts'])
})

test('a new configuration is told apart from the names that are like it', async () => {
  const { run } = await withRepository()
  const { out } = await run(['init', 'support-texts', '--config', 'team.yaml'])
  expect(out).toContain("\n  team.yaml is the platform's: it stays here. Your repository needs no file.\n")
  expect(out).toContain('\n  .promptctl.yaml is optional, in a repository, and')
  expect(out).toContain(
    '\n  .promptctl/ will hold the registry and copies of repositories. Do not commit it.\n',
  )
  const again = await run(['init', 'support-texts', '--config', 'team.yaml', '--name', 'other'])
  expect(again.out).not.toContain('.promptctl.yaml')
})

test('the next commands name the configuration that was written', async () => {
  const { run } = await withRepository()
  const { out } = await run(['init', 'support-texts', '--config', 'my team.yaml'])
  expect(out).toContain(`"promptctl plan --config 'my team.yaml'" shows`)
  expect(out).toContain(`"promptctl serve --config 'my team.yaml'" keeps`)
})

test('--dry-run writes nothing and shows the configuration', async () => {
  const { run, folder } = await withRepository()
  const { out } = await run(words('init support-texts --name s --dry-run'))
  expect(out).toContain('  - name: s\n    repository: support-texts\n    directories: [ lib/prompts ]\n')
  expect(await readdir(folder)).toEqual(['support-texts'])
})

test('a prefix that repeats a folder is pointed out', async () => {
  const { run } = await withRepository()
  const { out } = await run(words('init support-texts --id-prefix mail/ --dry-run'))
  expect(out).toContain(
    'lib/prompts/mail/triage.md becomes mail/mail/triage, since its folder is named like the prefix',
  )
})

test.for([
  ['init nosuch', 1, 'nosuch'],
  ['init support-texts --name a/b', 2, 'name: must be 1 to 64 letters'],
  ['init support-texts --id-prefix /x', 2, 'idPrefix: "/x" cannot begin a prompt id'],
] as const)('"promptctl %s" fails and writes nothing', async ([line, code, sentence]) => {
  const { run, folder } = await withRepository()
  const ran = await run(words(line))
  expect([ran.code, ran.err]).toEqual([code, expect.stringContaining(sentence)])
  expect(await readdir(folder)).toEqual(['support-texts'])
})
