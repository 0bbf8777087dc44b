import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { startKms } from '../../support/aws/kms.ts'
import { describeOnAws } from '../../support/aws/moto.ts'
import { makeWorld } from '../../support/aws/world.ts'
import { createRepository } from '../../support/git-repository.ts'
import { registryBundle } from '../../support/lambda/bundles.ts'
import { startLambdaEndpoint } from '../../support/lambda/endpoint.ts'
import { configure, makeCli, words } from './cli-under-test.ts'

/** The emulator is slower than AWS. */
const LONG_TIMERS = `--import ${new URL('../../infra/support/long-timers.ts', import.meta.url).href}`
const KEYS = '--key release.pub --emergency-key emergency.pub'

afterEach(() => {
  vi.unstubAllEnvs()
})

/**
 * A registry on AWS with two signed releases of a source. Keys of AWS KMS sign: one for the controller, and one for the
 * function `writer`. The function `keyless`, on the same table, has none.
 */
async function released() {
  const cli = await makeCli()
  const kms = await startKms()
  const [release, emergency] = [kms.newKey(), kms.newKey()]
  await writeFile(join(cli.folder, 'release.pub'), release.publicKey)
  await writeFile(join(cli.folder, 'emergency.pub'), emergency.publicKey)
  const world = await makeWorld()
  onTestFinished(world.close)
  const { zip } = await registryBundle()
  const env = {
    ...{ DYNAMODB_TABLE: world.table, S3_BUCKET: world.bucket, AWS_REGION: 'us-east-1' },
    ...{ AWS_ENDPOINT_URL: world.proxy.url, NODE_OPTIONS: LONG_TIMERS },
    AWS_ENDPOINT_URL_KMS: process.env.AWS_ENDPOINT_URL_KMS ?? '',
  }
  const endpoint = await startLambdaEndpoint({
    functions: {
      writer: { zip, env: { ...env, EMERGENCY_KEY: emergency.arn } },
      keyless: { zip, env },
    },
  })
  onTestFinished(endpoint.close)
  for (const [name, value] of Object.entries(endpoint.env)) vi.stubEnv(name, value)

  const repository = await createRepository(join(cli.folder, 'repository'))
  const useFunction = (name: string) =>
    configure(
      cli.folder,
      ['{ name: support, repository: ./repository }'],
      `registry: { function: ${name} }\nproof: { kms: "${release.arn}" }`,
    )
  await useFunction('writer')
  const run = async (line: string) => {
    const { code, out, err } = await cli.run(words(line))
    return { code, text: out + err }
  }
  for (const [tag, files] of [
    ['v1.0.0', { 'prompts/triage.md': 'One.\n', 'prompts/refund.md': 'Refund one.\n' }],
    ['v2.0.0', { 'prompts/triage.md': 'Two.\n', 'prompts/refund.md': 'Refund two.\n' }],
  ] as const) {
    await repository.commit(files)
    await repository.tag(tag)
    expect(await run('sync')).toMatchObject({ code: 0 })
  }
  const served = async () => [
    (await run('get triage --mode production')).text,
    (await run('get refund --mode production')).text,
  ]
  const signedWith = (arn: string) => kms.requests.filter(({ KeyId }) => KeyId === arn).length
  return {
    run,
    served,
    useFunction,
    signed: { release: () => signedWith(release.arn), emergency: () => signedWith(emergency.arn) },
  }
}

describeOnAws('rollbacks on AWS of sets that AWS KMS signs', () => {
  test('a rollback by hand is signed with the emergency key, and what is served then is proven', async () => {
    const { run, served, signed } = await released()
    expect([signed.release(), signed.emergency()]).toEqual([2, 0])
    expect(await run('verify triage --key release.pub')).toMatchObject({ code: 0 })

    expect(await run('rollback triage --reason worse')).toMatchObject({ code: 0 })
    expect(await served()).toEqual(['One.\n', 'Refund two.\n'])
    expect([signed.release(), signed.emergency()]).toEqual([2, 1])
    for (const id of ['triage', 'refund']) {
      const { code, text } = await run(`verify ${id} ${KEYS}`)
      expect([code, text]).toEqual([0, expect.stringMatching(/emergency key SHA256:\S+ signed it/)])
    }
    expect(await run('verify triage --key release.pub')).toMatchObject({ code: 1 })
  })

  test('a rollback of the source is signed too, and so is the set after its prompts followed', async () => {
    const { run, served, signed } = await released()
    const { code, text } = await run('rollback --source support v1.0.0')
    expect([code, text]).toEqual([0, expect.stringContaining('back to v1.0.0')])
    expect(await served()).toEqual(['One.\n', 'Refund one.\n'])
    expect(signed.release()).toBe(2)
    expect(signed.emergency()).toBeGreaterThan(0)
    for (const id of ['triage', 'refund'])
      expect(await run(`verify ${id} ${KEYS}`), id).toMatchObject({ code: 0 })
    // A pass changes nothing and signs nothing: the source is held until a higher release.
    const before = signed.release() + signed.emergency()
    await run('sync')
    expect(signed.release() + signed.emergency()).toBe(before)
    expect(await run(`verify triage ${KEYS}`)).toMatchObject({ code: 0 })
  })

  test('without its emergency key the registry refuses both, and goes on to serve what is proven', async () => {
    const { run, served, useFunction } = await released()
    await useFunction('keyless')
    for (const line of ['rollback triage', 'rollback --source support v1.0.0']) {
      const { code, text } = await run(line)
      expect([code, text], line).toEqual([1, expect.stringContaining('a change by hand must be signed too')])
    }
    expect(await served()).toEqual(['Two.\n', 'Refund two.\n'])
    expect(await run('verify triage --key release.pub')).toMatchObject({ code: 0 })
  })
})
