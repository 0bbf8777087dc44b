import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { sha256 } from '../../../api/contract/version.ts'
import { type CliUnderTest, makeCli, words } from './cli-under-test.ts'

const [one, two, draft] = ['one', 'two', 'draft'].map((content) => sha256(content).slice(0, 12))

/** `mine/a` and `mine/b` belong to the source `git`, with two releases and a draft; `free` to nobody; `held` is frozen. */
async function makeRegistry(): Promise<CliUnderTest> {
  const cli = await makeCli()
  await writeFile(join(cli.folder, 'new.md'), 'new text\n')
  await cli.withApi(async (api) => {
    const origin = { source: 'git' }
    for (const id of ['mine/a', 'mine/b', 'held']) {
      for (const content of ['one', 'two', 'draft']) await api.push({ prompt_id: id, content, origin })
      await api.promote(id, { version: one ?? '', alias: '1.0.0', source: 'git' })
      await api.promote(id, { version: two ?? '', alias: '1.1.0', source: 'git' })
    }
    for (const content of ['one', 'two']) await api.push({ prompt_id: 'free', content })
    await api.hold('held', { reason: 'audit' })
    await api.recordSource('git', { expected_revision: 0, state: {} })
    await api.recordSource('other', { expected_revision: 0, state: {} })
  })
  return cli
}

/** Every row of every table. */
function rowsOf(file: string): unknown {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all()
    return tables.map(({ name }) => [name, database.prepare(`SELECT * FROM "${name}"`).all()])
  } finally {
    database.close()
  }
}

test.each([
  'push free new.md',
  'push free new.md --no-latest --version 2.0.0',
  'push brand-new new.md',
  'push mine/a new.md --override',
  `promote free ${two} --alias 1.0.0`,
  `promote mine/a ${draft} --alias 1.2.0 --override`,
  `alias free first ${one}`,
  'rollback mine/a --reason chatty',
  `rollback mine/a ${one} --hold until_lifted`,
  'hold mine/a',
  'hold held',
  'unhold held',
  'unhold free',
  'transfer mine/a other',
  'transfer --prefix mine/ other',
  'transfer mine/a --to-none',
])('%s --dry-run shows what the command would do, and changes nothing', async (line) => {
  const cli = await makeRegistry()
  const before = rowsOf(cli.database)
  const dry = await cli.run([...words(line), '--dry-run'])
  expect(rowsOf(cli.database)).toEqual(before)
  const real = await cli.run(words(line))
  expect(dry).toMatchObject({ code: real.code, err: real.err })
  expect(dry.out).toBe(real.out.replaceAll(/^(?=.)/gm, 'Dry run, nothing was changed; otherwise: '))
})

test('revoke --dry-run shows which versions it covers, and changes nothing', async () => {
  const cli = await makeRegistry()
  const before = rowsOf(cli.database)
  const { out } = await cli.run(words('revoke mine/a 1.1.0 --reason leak --dry-run'))
  expect(out).toBe(
    `Dry run, nothing was changed; otherwise: mine/a: revokes 1.1.0 (${two}), every version with this content; then 1.0.0 (${one}) is stable.\n`,
  )
  expect(rowsOf(cli.database)).toEqual(before)
})

test.each([
  ['sources forget git', 'archived'],
  ['sources forget git --delete', 'deleted'],
])('%s --dry-run lists the prompts, and changes nothing', async (line, done) => {
  const cli = await makeRegistry()
  const before = rowsOf(cli.database)
  const { out } = await cli.run([...words(line), '--dry-run'], { typed: true })
  expect(out).toBe(
    `Dry run, nothing was changed; otherwise: git: 3 prompts ${done}.\n  held\n  mine/a\n  mine/b\n`,
  )
  expect(rowsOf(cli.database)).toEqual(before)
  expect((await cli.run(words(line))).out).toContain(`git: 3 prompts ${done}.`)
})

test('a dry run fails with the error of the command', async () => {
  const cli = await makeRegistry()
  for (const line of [
    'promote nothing 1.0.0',
    `rollback mine/a ${draft}`,
    'transfer mine/a nobody',
    'sources forget nobody',
  ]) {
    const dry = await cli.run([...words(line), '--dry-run'])
    expect(dry).toEqual(expect.objectContaining({ code: 1, out: '' }))
    expect(dry.err).toBe((await cli.run(words(line))).err)
  }
})

test('a dry run does not create the registry', async () => {
  const cli = await makeCli()
  await writeFile(join(cli.folder, 'new.md'), 'new text\n')
  const { out } = await cli.run(words('push a new.md --dry-run'))
  expect(out).toContain('is a new draft')
  expect((await cli.run(words('list'))).err).toContain('does not exist')
})
