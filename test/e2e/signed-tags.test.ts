import { execFile } from 'node:child_process'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { configure, makeCli, words } from '../controller/cli/cli-under-test.ts'
import { skipWithout } from '../controller/source/git-world.ts'
import { createRepository, isolatedGitEnvironment } from '../support/git-repository.ts'
import { gpgHome } from '../support/gpg-home.ts'
import { signingMissing } from '../support/signing.ts'

const run = promisify(execFile)

/** The indented block of docs/sources.md that begins with these words. */
async function block(beginning: string): Promise<string> {
  const readme = await readFile(new URL('../../docs/sources.md', import.meta.url), 'utf8')
  const at = readme.indexOf(`    ${beginning}`)
  expect(at).toBeGreaterThan(0)
  return readme.slice(at).split('\n\n')[0]?.replaceAll(/^ {4}/gm, '') ?? ''
}

test.for([
  ['SSH', 'ssh-keygen -q', 'allowedSignersFile: prompts-repo/release-signers'],
  ['GnuPG', 'gpg --quick-gen-key', 'gpgKeyFiles: [prompts-repo/ada.asc]'],
] as const)(
  'whoever signs with %s as the docs say releases, and nobody else does',
  async ([, beginning, keys], context) => {
    skipWithout(context, signingMissing())
    const cli = await makeCli()
    const repository = await createRepository(join(cli.folder, 'prompts-repo'))
    await repository.commit({ 'prompts/triage.md': 'unsigned\n' })
    await repository.tag('v1.2.0', { annotated: true })
    await repository.commit({ 'prompts/triage.md': 'signed\n' })

    const { folder: home } = await gpgHome()
    // What people are asked for when a key is made: here nobody answers.
    await writeFile(join(home, 'gpg.conf'), 'batch\npinentry-mode loopback\npassphrase-file /dev/null\n')
    await chmod(join(home, 'gpg.conf'), 0o600)
    const env = { ...isolatedGitEnvironment(60), GNUPGHOME: home, HOME: home }
    const commands = run('sh', ['-e', '-c', await block(beginning)], { cwd: repository.path, env })
    commands.child.stdin?.end('\n\n')
    await commands

    await configure(cli.folder, [
      `{ name: demo, repository: ./prompts-repo, verify: { tags: require, ${keys} } }`,
    ])
    const { out } = await cli.run(['sync'])
    expect(out).toMatch(/1 promoted\n {2}notice: tag unverified: Tag v1\.2\.0 does not count: /)
    expect((await cli.run(words('get triage@1.3.0'))).out).toBe('signed\n')
    expect((await cli.run(words('sources demo'))).out).toMatch(/Verified False \(Refused\) .*: v1\.2\.0\./)
  },
)
