import { createHash, createHmac, type Hmac, timingSafeEqual } from 'node:crypto'
import type { Proof } from './host.ts'

/** Checks proofs against the raw body, which is hashed in parts and never kept. */
export interface BodyVerification {
  update(part: Uint8Array): void
  /** Whether any proof was made with any of the secrets. Call once, after the last part. */
  holds(): boolean
}

/** Several secrets allow rotation: the old and the new one are both valid until the old one is removed. */
export function startVerification(proofs: readonly Proof[], secrets: readonly string[]): BodyVerification {
  const checks = proofs.flatMap((proof) => secrets.map((secret) => checkOf(proof, secret)))
  return {
    update(part) {
      for (const { hmac } of checks) hmac?.update(part)
    },
    holds() {
      // Compare all of them, each in constant time, so that timing leaks nothing.
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

/** Hashes strings of any length to one length, so that they can be compared in constant time. */
function sha256(text: string): Uint8Array {
  return createHash('sha256').update(text, 'utf8').digest()
}
