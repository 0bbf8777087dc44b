import { type KeyObject, sign } from 'node:crypto'
import { verificationKeyOf } from '../keys/verification-key.ts'

/** Signs with a key that may be elsewhere: Ed25519, or ECDSA on P-256 with SHA-256 and a signature in DER. */
export interface StatementSigner {
  /** The fingerprint of the key, a hint for people. Absent if only the holder of the key knows it. */
  readonly keyid?: string
  /** Rejects with a `RegistryError` if the holder of the key does not sign. */
  sign(message: Uint8Array): Promise<Uint8Array>
}

/** Signs with a private key in this process. Throws an `Error` for a key of another type. */
export function keySigner(privateKey: KeyObject): StatementSigner {
  const { fingerprint } = verificationKeyOf(privateKey)
  return { keyid: fingerprint, sign: async (message) => signed(privateKey, message) }
}

/** The signature of a key on Ed25519 or P-256. */
export function signed(privateKey: KeyObject, message: Uint8Array): Buffer {
  return sign(privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256', message, privateKey)
}
