import { afterEach, describe, expect, test, vi } from 'vitest'
import { decodeEnvelope, signEnvelopeWith, signersOf } from '../../../api/contract/attestation/dsse.ts'
import { verificationKey } from '../../../api/contract/keys/verification-key.ts'
import { createKmsSigner, KMS_KEY_ARN } from '../../../api/signing/kms-signer.ts'
import { startKms } from '../../support/aws/kms.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('a key of AWS KMS', () => {
  test('signs an envelope of any size, which its public key verifies and no other does', async () => {
    const { newKey, requests } = await startKms()
    const [{ arn, publicKey }, other] = [newKey(), newKey()]
    expect(arn).toMatch(KMS_KEY_ARN)
    const payload = Buffer.alloc(100_000, 'x')
    const envelope = await signEnvelopeWith('text/plain', payload, createKmsSigner(arn))
    expect(requests).toMatchObject([{ target: 'TrentService.Sign', KeyId: arn }])
    expect(envelope.signatures).toEqual([{ sig: expect.any(String) }])
    const [mine, others] = [publicKey, other.publicKey].map(verificationKey)
    if (mine === undefined || others === undefined) throw new Error('no key')
    expect(signersOf(decodeEnvelope({ ...envelope }), [others, mine])).toEqual([mine])
    const changed = { ...envelope, payload: Buffer.from('y').toString('base64') }
    expect(signersOf(decodeEnvelope(changed), [mine])).toEqual([])
  })

  test('that is not there does not sign, and the error says what to check', async () => {
    const { newKey } = await startKms()
    const missing = newKey().arn.replace(/key\/.*/, 'key/0')
    await expect(createKmsSigner(missing).sign(Buffer.from('x'))).rejects.toMatchObject({
      code: 'unavailable',
      message:
        'AWS KMS did not sign (NotFoundException). Check that the role may use kms:Sign on the key, and that the key is ECC_NIST_P256 for SIGN_VERIFY.',
    })
  })
})

test.each([
  ['arn:aws:kms:eu-central-1:123456789012:key/0a1b-2c', true],
  ['arn:aws:kms:eu-central-1:123456789012:key/mrk-0a1b2c', true],
  ['arn:aws:kms:eu-central-1:123456789012:alias/proof', false],
  ['arn:aws:kms:eu-central-1::key/0a1b', false],
  ['0a1b-2c', false],
])('%s names a key: %s', (text, isKey) => {
  expect(KMS_KEY_ARN.test(text)).toBe(isKey)
})
