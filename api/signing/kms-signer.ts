import { createHash } from 'node:crypto'
import type { StatementSigner } from '../contract/attestation/signer.ts'
import { RegistryError } from '../contract/errors.ts'
import type { KMSClient } from './kms-client.ts'

/** A hanging request must fail well before a function times out. */
const PATIENCE = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 5000, throwOnRequestTimeout: true },
}

/**
 * Signs with a key of AWS KMS: ECC_NIST_P256 for SIGN_VERIFY. Needs kms:Sign on the key, and nothing else. Loads the AWS
 * SDK at the first signature. Rejects with `unavailable` if KMS does not sign.
 *
 * @param keyArn `arn:aws:kms:<region>:<account>:key/<id>`
 */
export function createKmsSigner(keyArn: string): StatementSigner {
  let client: KMSClient | undefined
  return {
    async sign(message) {
      const { KMSClient, SignCommand } = await import('./kms-client.ts')
      client ??= new KMSClient({ ...PATIENCE, region: keyArn.split(':')[3] ?? '' })
      // Not the message itself, of which KMS takes at most 4 KB.
      const Message = createHash('sha256').update(message).digest()
      const algorithm = { MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' } as const
      const command = new SignCommand({ KeyId: keyArn, Message, ...algorithm })
      const { Signature } = await client.send(command).catch(refused)
      return Signature ?? refused(new Error('no signature'))
    },
  }
}

/** The key in a text such as a setting, if it is one of AWS KMS. An alias has no permissions of its own. */
export const KMS_KEY_ARN = /^arn:[^:]+:kms:[^:]+:\d{12}:key\/[A-Za-z0-9-]+$/

/** Without the SDK's error, which refers to the request with its session token. */
function refused(error: unknown): never {
  const name = error instanceof Error ? error.name : 'unknown reason'
  throw new RegistryError(
    'unavailable',
    `AWS KMS did not sign (${name}). Check that the role may use kms:Sign on the key, and that the key is ECC_NIST_P256 for SIGN_VERIFY.`,
  )
}
