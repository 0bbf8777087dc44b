import { expect, test } from 'vitest'
import { dayOf } from '../../../api/contract/day.ts'
import type { PromptId } from '../../../api/contract/prompt-id.ts'
import { openSqliteStore } from '../../../api/store/sqlite/index.ts'
import { read, release } from '../../support/registry.ts'
import { type CliUnderTest, makeCli } from './cli-under-test.ts'

/** Prompts of the source `git`, of which agents read the last one today. */
async function withReaders(count: number): Promise<CliUnderTest> {
  const cli = await makeCli()
  const last = await cli.withApi(async (api) => {
    for (let n = 1; n < count; n++)
      await api.push({ prompt_id: `p${n}`, content: 'x', origin: { source: 'git' } })
    await release(api, 'read', '1.0.0', 'text')
    return await api.resolve('read')
  })
  const store = openSqliteStore({ file: cli.database })
  const day = dayOf(Date.now())
  const promptId = last.prompt_id as PromptId
  await store.reads.add(
    [{ promptId, version: last.version, application: 'triage-agent', day, reads: 12 }],
    90,
  )
  store.close()
  return cli
}

const FORGET = ['sources', 'forget', 'git', '--delete', '--yes']

test('a source with a prompt that is read is not deleted, not even its other prompts', async () => {
  // More than one request of the registry deletes.
  const cli = await withReaders(120)
  const { code, err } = await cli.run(FORGET)
  expect(code).toBe(1)
  expect(err).toContain(
    '1 prompt is in use, so the source "git" is not deleted: "read" was read 12 times in the last 7 days, by triage-agent. To delete it all the same, set "confirm" (promptctl: --confirm).',
  )
  expect((await cli.withApi((api) => api.list({ limit: 1000 }))).prompts).toHaveLength(120)
})

test('--dry-run reports who reads it, and with --confirm what would be deleted', async () => {
  const cli = await withReaders(2)
  const dry = await cli.run([...FORGET, '--dry-run'])
  expect(dry).toMatchObject({ code: 1, out: '', err: (await cli.run(FORGET)).err })
  expect((await cli.run([...FORGET, '--dry-run', '--confirm'])).out).toContain('git: 2 prompts deleted.')
  expect(await cli.withApi((api) => read(api, 'read'))).toBe('text')
})

test('--confirm deletes it all the same, and still asks on a terminal', async () => {
  const cli = await withReaders(2)
  const asked = ['sources', 'forget', 'git', '--delete', '--confirm']
  const declined = await cli.run(asked, { typed: true, stdin: 'no\n' })
  expect(declined).toMatchObject({ code: 1, err: expect.stringContaining('Nothing was changed.') })
  expect((await cli.run(asked)).out).toBe('git: 2 prompts deleted.\n')
  expect(await cli.withApi((api) => read(api, 'read'))).toBe('gone')
})

test('archiving asks nothing, because readers still get the prompt', async () => {
  const cli = await withReaders(1)
  expect((await cli.run(['sources', 'forget', 'git'])).out).toBe('git: 1 prompt archived.\n')
})

test('a revocation that leaves nothing stable names who reads the prompt, and is not kept back', async () => {
  const cli = await withReaders(1)
  const words = ['revoke', 'read', '1.0.0', '--reason', 'leak']
  expect((await cli.run([...words, '--dry-run'])).out).toContain(
    'then no version is stable. The prompt was read 12 times in the last 7 days, by triage-agent.\n',
  )
  expect((await cli.run(words)).code).toBe(0)
  expect(await cli.withApi((api) => read(api, 'read'))).toBe('revoked')
})
