import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type TestContext, test } from 'vitest'
import { createRepository, type TestRepository } from '../../support/git-repository.ts'
import { gpgHome } from '../../support/gpg-home.ts'
import { type SshKey, signingMissing, signTag, sshKey } from '../../support/signing.ts'
import { skipWithout } from '../source/git-world.ts'
import { type CliUnderTest, configure, makeCli, words } from './cli-under-test.ts'

interface Signed extends CliUnderTest {
  readonly repository: TestRepository
  readonly ada: SshKey
  readonly eve: SshKey
  /** Says whose signature counts. */
  verify(tags: 'off' | 'warn' | 'require', signers: readonly SshKey[]): Promise<void>
  /** A commit with this text, and where a key is given a tag. */
  release(tag: string, key?: SshKey): Promise<void>
}

async function makeSigned(context: TestContext): Promise<Signed> {
  skipWithout(context, signingMissing())
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'prompts-repo'))
  const [ada, eve] = [await sshKey(), await sshKey()]
  return {
    ...{ ...cli, repository, ada, eve },
    async verify(tags, signers) {
      const lines = signers.map(({ publicKey }, index) => `p${index}@example.com ${publicKey}`)
      await writeFile(join(cli.folder, 'signers'), `# who may release\n${lines.join('\n')}\n`)
      const source = `name: demo, repository: ./prompts-repo, verify: { tags: ${tags}, allowedSignersFile: signers }`
      await configure(cli.folder, [`{ ${source} }`])
    },
    async release(tag, key) {
      await repository.commit({ 'prompts/triage.md': `text of ${tag}\n` })
      if (key === undefined) await repository.tag(tag, { annotated: true })
      else await signTag(repository, tag, { key: key.path })
    },
  }
}

test('with "require", only tags by an allowed signer are released, and the others change nothing', async (context) => {
  const { run, repository, ada, eve, verify, release } = await makeSigned(context)
  await verify('require', [ada])
  await release('v1.0.0', ada)
  await release('v1.1.0')
  await release('v1.2.0', eve)
  const unsigned = /release unverified: Tag v1\.1\.0 does not count: it is not signed\. Sign it with/
  const stranger =
    /release unverified: Tag v1\.2\.0 does not count: it is signed with the SSH key SHA256:\S+, which is not an allowed signer/

  const plan = await run(['plan'])
  expect(plan.out).toMatch(unsigned)
  const first = await run(['sync'])
  expect(first.out).toMatch(/^demo: synced at \w+: 2 pushed, 1 promoted, 2 release unverified\n/)
  expect(first.out).toMatch(unsigned)
  expect(first.out).toMatch(stranger)
  expect((await run(words('get triage'))).out).toBe('text of v1.0.0\n')
  expect((await run(words('get triage@1.1.0'))).code).toBe(1)
  const page = (await run(words('sources demo'))).out
  expect(page).toMatch(
    /Verified False \(Refused\) since [-\d :]+ UTC: 2 release tags have no accepted signature: v1\.2\.0, v1\.1\.0\./,
  )
  expect(page).toMatch(/tags +1 counted/)
  expect((await run(['sync'])).out).toMatch(/^demo: unchanged/)

  // Signed anew: another tag object, the same commit.
  await signTag(repository, 'v1.1.0', { key: ada.path, at: 'v1.1.0^{commit}' })
  expect((await run(['sync'])).out).toMatch(/1 promoted/)
  expect((await run(words('get triage'))).out).toBe('text of v1.1.0\n')
  expect((await run(words('sources demo'))).out).toMatch(/Verified False \(Refused\).*: v1\.2\.0\./)
  expect((await run(words('sources demo'))).out).toMatch(stranger)

  await verify('require', [ada, eve])
  expect((await run(['sync'])).out).toMatch(/1 promoted/)
  expect((await run(words('get triage'))).out).toBe('text of v1.2.0\n')
  expect((await run(words('sources demo'))).out).toMatch(/Verified True \(Verified\) since/)
})

test('a signed tag of an old release is refused under the name of a new one', async (context) => {
  const { run, repository, ada, verify, release } = await makeSigned(context)
  await verify('require', [ada])
  await release('v1.0.0', ada)
  await release('v1.1.0', ada)
  await repository.git(
    'update-ref',
    'refs/tags/v9.0.0',
    await repository.git('rev-parse', 'refs/tags/v1.0.0'),
  )
  expect((await run(['sync'])).out).toMatch(
    /release unverified: Tag v9\.0\.0 .* it was signed as the tag "v1\.0\.0"/,
  )
  expect((await run(words('get triage'))).out).toBe('text of v1.1.0\n')
})

test('with "warn", every tag counts, and an unverified tag is reported until its signer is allowed', async (context) => {
  const { run, ada, eve, verify, release } = await makeSigned(context)
  await verify('warn', [ada])
  await release('v1.0.0', eve)
  const told = /notice: tag unverified: Tag v1\.0\.0 counts, but it is signed with the SSH key SHA256:/
  expect((await run(['sync'])).out).toMatch(told)
  expect((await run(words('get triage'))).out).toBe('text of v1.0.0\n')
  await release('v1.1.0', ada)
  expect((await run(['sync'])).out).toContain('as before: 1 tag unverified')
  expect((await run(words('sync --full'))).out).toMatch(told)
  expect((await run(words('sources demo'))).out).toMatch(
    /Verified False \(Unverified\) .*: 1 release tag has no accepted signature: v1\.0\.0\./,
  )
  await verify('warn', [ada, eve])
  expect((await run(['sync'])).out).not.toMatch(/unverified/)
  expect((await run(words('sources demo'))).out).toMatch(/Verified True/)
  await verify('off', [ada])
  await run(['sync'])
  expect((await run(words('sources demo'))).out).not.toMatch(/Verified/)
})

test('GnuPG keys can be in the configuration itself', async (context) => {
  const { run, folder, repository, release } = await makeSigned(context)
  const home = await gpgHome()
  const key = await home.key('Cleo <cleo@example.com>')
  const armored = await home.export(key)
  const source = {
    name: 'demo',
    repository: './prompts-repo',
    verify: { tags: 'require', gpgKeys: [armored] },
  }
  await configure(folder, [JSON.stringify(source)])
  await release('v1.0.0')
  await signTag(repository, 'v1.0.1', { key, gpg: await home.program() })
  expect((await run(['sync'])).out).toMatch(/tag unverified: Tag v1\.0\.0 .*not signed/)
  expect((await run(words('get triage@1.0.1'))).out).toBe('text of v1.0.0\n')
  expect((await run(words('get triage@1.0.0'))).code).toBe(1)
})
