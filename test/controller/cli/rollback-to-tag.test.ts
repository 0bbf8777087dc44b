import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createRepository } from '../../support/git-repository.ts'
import { configure, makeCli, words } from './cli-under-test.ts'

/** A source that was first synced at v1.2.0, so that the registry has the set of no earlier tag. */
async function syncedAtThird(backfill = 20) {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repository'))
  await configure(cli.folder, [`{ name: support, repository: ./repository, backfill: ${backfill} }`])
  await repository.commit({ 'prompts/a.md': '---\nmodel: m\n---\none\n', 'prompts/b.txt': 'one\n' })
  await repository.tag('v1.0.0')
  await repository.commit({ 'prompts/a.md': '---\nmodel: m\n---\ntwo\n', 'prompts/c.txt': 'new\n' })
  await repository.tag('v1.1.0')
  await repository.commit({ 'prompts/b.txt': 'three\n' })
  await repository.tag('v1.2.0')
  expect(await cli.run(['sync'])).toMatchObject({ code: 0 })
  const say = async (line: string) => {
    const { code, out, err } = await cli.run(words(line))
    return { code, out: out.trimEnd(), err: err.trimEnd() }
  }
  const served = () =>
    cli.withApi((api) =>
      Promise.all(
        ['a', 'b', 'c'].map((id) =>
          api.resolve(id, { mode: 'production' }).then(
            ({ content }) => content.trim(),
            ({ code }: { code: string }) => code,
          ),
        ),
      ),
    )
  return { ...cli, repository, say, served }
}

test('a rollback to a tag without a set makes the set from the tree of the tag', async () => {
  const { say, served, withApi } = await syncedAtThird()
  expect(await served()).toEqual(['two', 'three', 'new'])
  const dry = await say('rollback --source support v1.0.0 --dry-run')
  expect(dry.out).toMatch(/^Dry run, nothing was changed; otherwise: support: back to v1\.0\.0 /)
  expect(await served()).toEqual(['two', 'three', 'new'])
  const { code, out, err } = await say('rollback --source support v1.0.0')
  expect([code, out]).toEqual([
    0,
    expect.stringMatching(
      /^support: back to v1\.0\.0 \(set [0-9a-f]{12}\): 2 replaced, 1 removed; releases wait/,
    ),
  ])
  expect(err).toContain('support: the registry has no set of v1.0.0; reading the tag from the repository.')
  expect(await served()).toEqual(['one', 'one', 'not_released'])
  expect(await withApi((api) => api.currentSet('support'))).toMatchObject({
    ...{ release: 'v1.0.0', act: 'rollback_source', settling: false },
  })
})

test('a set is not made of what was revoked, and the prompts are named', async () => {
  const { say, served, withApi } = await syncedAtThird()
  expect((await say('revoke a 1.0.0 --reason leaks')).code).toBe(0)
  const before = await withApi((api) => api.currentSet('support'))
  const { code, err } = await say('rollback --source support v1.0.0')
  expect([code, err]).toEqual([
    1,
    expect.stringContaining(
      'The set of v1.0.0 is not stored, and cannot be made: its versions of "a" were revoked. Roll back the other prompts one by one',
    ),
  ])
  expect(await served()).toEqual(['two', 'three', 'new'])
  expect(await withApi((api) => api.currentSet('support'))).toEqual(before)
})

test('a set is not made of versions that the registry never had', async () => {
  const { say, served } = await syncedAtThird(1)
  const { code, err } = await say('rollback --source support v1.0.0')
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/its versions of "a".* are not in the registry\. Raise the "backfill"/),
  ])
  expect(await served()).toEqual(['two', 'three', 'new'])
})

test.each([
  ['v9.0.0', 'The source "support" has no release of this tag.'],
  ['nightly', 'The source "support" has no release of this tag.'],
])('a rollback to %s, which never counted, is refused', async (tag, why) => {
  const { repository, say } = await syncedAtThird()
  await repository.tag('nightly')
  const { code, err } = await say(`rollback --source support ${tag}`)
  expect([code, err]).toEqual([1, expect.stringContaining(why)])
})

test('a file that could not be read at the tag is named', async () => {
  const { repository, say, run } = await syncedAtThird()
  await repository.commit({ 'prompts/a.md': Buffer.from([0xff, 0xfe, 0x00]) })
  await repository.tag('v1.3.0')
  await repository.commit({ 'prompts/a.md': 'four\n' })
  await repository.tag('v1.4.0')
  await run(['sync'])
  const { code, err } = await say('rollback --source support v1.3.0')
  expect([code, err]).toEqual([1, expect.stringContaining('prompts/a.md')])
})

test('without the source in the configuration, the command says what it needs', async () => {
  const { folder, say } = await syncedAtThird()
  await configure(folder, [])
  const { code, err } = await say('rollback --source support v1.0.0')
  expect([code, err]).toEqual([
    1,
    expect.stringContaining('run this command with a configuration that has the source "support"'),
  ])
})
