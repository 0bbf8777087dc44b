import { createHash, createHmac, type Hmac, timingSafeEqual } from 'node:crypto'
import type { Proof } from './host.ts'

/** Checks proofs against the raw body, which is given in parts and never kept. */
export interface Verification {
  update(part: Uint8Array): void
  /** Whether one of the proofs was made with one of the secrets. Once, after the last part. */
  holds(): boolean
}

/** Several secrets are for changing one: the old and the new are good until the old is taken away. */
export function startVerification(proofs: readonly Proof[], secrets: readonly string[]): Verification {
  const checks = proofs.flatMap((proof) => secrets.map((secret) => checkOf(proof, secret)))
  return {
    update(part) {
      for (const { hmac } of checks) hmac?.update(part)
    },
    holds() {
      // All are compared, each in constant time, so that time tells nothing about any of them.
      const results = checks.map(({ hmac, given, expected }) =>
        timingSafeEqual(given, hmac === null ? expected : hmac.digest()),
      )
      return results.includes(true)
    },
  }
}

interface Check {
  readonly hmac: Hmac | null
  readonly given: Uint8Array
  readonly expected: Uint8Array
}

function checkOf(proof: Proof, secret: string): Check {
  if (proof.kind === 'token') return { hmac: null, given: sha256(proof.token), expected: sha256(secret) }
  const hmac = createHmac('sha256', keyOf(proof, secret)).update(proof.before)
  return { hmac, given: proof.digest, expected: proof.digest }
}

function keyOf({ key }: Extract<Proof, { kind: 'hmac' }>, secret: string): Uint8Array | string {
  const isStandard = key === 'standard' && secret.startsWith('whsec_')
  return isStandard ? Buffer.from(secret.slice('whsec_'.length), 'base64') : secret
}

/** Texts of any length, as something of one length that can be compared in constant time. */
function sha256(text: string): Uint8Array {
  return createHash('sha256').update(text, 'utf8').digest()
}
