import { afterEach, describe, expect, test, vi } from 'vitest'
import { readConfig } from '../../../api/config.ts'
import { verificationKey } from '../../../api/contract/keys/verification-key.ts'
import { signSet, signSetWith } from '../../../api/contract/proof/set-statement.ts'
import { verifyProof } from '../../../api/contract/proof/verify-set.ts'
import { sha256 } from '../../../api/contract/version.ts'
import { startKms } from '../../support/aws/kms.ts'
import { createRepository } from '../../support/git-repository.ts'
import { PRIVATE, PUBLIC, PUBLIC_TEXTS, setStatement } from '../../support/proof.ts'
import { scratchFolder } from '../../support/scratch.ts'
import { controllerUnderTest } from './controller-under-test.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

/** A repository with a release, and the function of the controller that signs its set. */
async function released(parts: Parameters<typeof controllerUnderTest>[1]) {
  const repository = await createRepository(await scratchFolder())
  await repository.commit({ 'prompts/triage.md': 'One.\n' })
  await repository.tag('v1.0.0')
  const source = { name: 'demo', repository: repository.path, branch: 'main' }
  const controller = await controllerUnderTest([source], parts)
  const { passes = [] } = (await controller.ask({ action: 'sync' })) as {
    passes?: { result: string; message: string | null; findings: { message: string }[] }[]
  }
  const proofBy = async (publicKey: string) => {
    const { proof } = await controller.api.currentSet('demo', { include: 'proof' })
    return verifyProof(proof, { release: [verificationKey(publicKey)], emergency: [] }).statement
  }
  return { pass: passes[0], proofBy, controller }
}

test('the function signs with a key from its secrets', async () => {
  const pem = PRIVATE.release.export({ type: 'pkcs8', format: 'pem' }).toString()
  const { proofBy } = await released({ proof: { keyEnv: 'RELEASE_KEY' }, kept: { RELEASE_KEY: pem } })
  expect(await proofBy(PUBLIC_TEXTS.keys[0] ?? '')).toMatchObject({
    kind: 'release',
    release: { tag: 'v1.0.0' },
  })
})

test('without its key, the function changes nothing and says which variable is missing', async () => {
  const { pass, controller } = await released({ proof: { keyEnv: 'RELEASE_KEY' } })
  expect(pass).toMatchObject({ result: 'failed', message: expect.stringContaining('RELEASE_KEY') })
  expect((await controller.api.list()).prompts).toEqual([])
})

describe('with AWS KMS', () => {
  test('the function signs, and a client that has the public key verifies the set', async () => {
    const { newKey } = await startKms()
    const { arn, publicKey } = newKey()
    const { pass, proofBy } = await released({ proof: { kms: arn } })
    expect(pass).toMatchObject({ result: 'synced' })
    expect(await proofBy(publicKey)).toMatchObject({ kind: 'release', release: { tag: 'v1.0.0' } })
    await expect(proofBy(newKey().publicKey)).rejects.toThrow(/sign/)
  })

  test('that does not sign, the set stays behind, which is a finding', async () => {
    const { newKey } = await startKms()
    const missing = newKey().arn.replace(/key\/.*/, 'key/0')
    const { controller } = await released({ proof: { kms: missing } })
    expect((await controller.api.findings('demo')).findings).toMatchObject([
      {
        code: 'failed',
        message: expect.stringMatching(/did not move and will be retried: AWS KMS did not sign/),
      },
    ])
    await expect(controller.api.currentSet('demo')).rejects.toMatchObject({ code: 'no_set' })
  })

  test('the registry on AWS signs the sets of changes by hand', async () => {
    const { newKey } = await startKms()
    const { arn, publicKey } = newKey()
    const env = { DYNAMODB_TABLE: 't', S3_BUCKET: 'b', EMERGENCY_KEY: arn }
    const { emergencySigner } = readConfig(env)
    if (emergencySigner === undefined) throw new Error('no signer')
    const members = { triage: sha256('One.\n') }
    const statement = await signSetWith(
      setStatement({ kind: 'emergency', members, sequence: 2 }),
      emergencySigner,
    )
    const proof = { statement, releases: [signSet(setStatement({ members }), PRIVATE.release)] }
    const verified = verifyProof(proof, { ...PUBLIC, emergency: [verificationKey(publicKey)] })
    expect(verified.statement.kind).toBe('emergency')
  })
})
