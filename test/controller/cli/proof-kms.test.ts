import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { startKms } from '../../support/aws/kms.ts'
import { createRepository } from '../../support/git-repository.ts'
import { configure, makeCli, words } from './cli-under-test.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

/** A repository with a release, a configuration whose sets AWS KMS signs, and files with the public keys. */
async function signedByKms() {
  const cli = await makeCli()
  const kms = await startKms()
  const [key, other] = [kms.newKey(), kms.newKey()]
  await writeFile(join(cli.folder, 'release.pub'), key.publicKey)
  await writeFile(join(cli.folder, 'other.pub'), other.publicKey)
  const repository = await createRepository(join(cli.folder, 'repository'))
  await repository.commit({ 'prompts/triage.md': 'One.\n', 'prompts/refund.md': 'Refund.\n' })
  await repository.tag('v1.0.0')
  const signWith = (arn: string) =>
    configure(cli.folder, ['{ name: support, repository: ./repository }'], `proof: { kms: "${arn}" }`)
  await signWith(key.arn)
  return { ...kms, ...{ key, repository, signWith }, run: (line: string) => cli.run(words(line)) }
}

test('sync signs the set of a release with the key of AWS KMS, and verify proves it with the public key', async () => {
  const { run, requests, key } = await signedByKms()
  expect(await run('sync')).toMatchObject({ code: 0, err: '' })
  expect(requests).toMatchObject([{ target: 'TrentService.Sign', KeyId: key.arn, MessageType: 'DIGEST' }])
  const { code, out } = await run('verify triage --key release.pub')
  expect([code, out]).toEqual([0, expect.stringMatching(/ of source "support" has 2 prompts/)])
  expect(out).toContain('v1.0.0')
  expect(await run('verify triage --key other.pub')).toMatchObject({ code: 1 })
})

test('a pass without a change of the set signs nothing', async () => {
  const { run, requests } = await signedByKms()
  await run('sync')
  expect((await run('sync --full')).code).toBe(0)
  expect(requests).toHaveLength(1)
})

test('if AWS KMS does not sign, sync fails with the reason, and signs once it does', async () => {
  const { run, requests, key, signWith } = await signedByKms()
  await signWith(key.arn.replace(/key\/.*/, 'key/0'))
  const { code, out } = await run('sync')
  expect([code, out]).toEqual([1, expect.stringMatching(/AWS KMS did not sign \(NotFoundException\)/)])
  expect(await run('verify triage --key release.pub')).toMatchObject({ code: 1 })
  await signWith(key.arn)
  expect(await run('sync')).toMatchObject({ code: 0 })
  expect(requests.at(-1)).toMatchObject({ KeyId: key.arn })
  expect(await run('verify triage --key release.pub')).toMatchObject({ code: 0 })
})
