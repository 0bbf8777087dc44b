import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { fingerprint, parsePublicKey } from './ssh-public-key.ts'
import { wireString } from './ssh-wire.ts'

/** A public key that verifies statements: Ed25519, or ECDSA on P-256. */
export interface VerificationKey {
  /** `SHA256:…`, as `ssh-keygen -l` shows it, in whichever format the key was given. */
  readonly fingerprint: string
  readonly verify: (message: Uint8Array, signature: Uint8Array) => boolean
}

/**
 * Reads a line of an OpenSSH public key (`ssh-ed25519 AAAA… comment`) or a PEM block. Throws an `Error` whose
 * message is a clause about the key.
 *
 * @example verificationKey('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI…').fingerprint
 */
export function verificationKey(text: string): VerificationKey {
  if (/PRIVATE KEY/.test(text)) throw new Error('it is a private key; use the public one')
  const blob = /^\s*-----BEGIN /.test(text) ? sshBlob(pemKey(text)) : lineBlob(text)
  return fromBlob(blob)
}

/** The public half of a private key. Throws an `Error` if the key has another algorithm. */
export function verificationKeyOf(privateKey: KeyObject): VerificationKey {
  return fromBlob(sshBlob(createPublicKey(privateKey)))
}

function fromBlob(blob: Buffer): VerificationKey {
  const parsed = parsePublicKey(blob)
  const { type, key } = parsed
  if (type !== ED25519 && type !== P256) throw unsupported(type)
  const hash = type === ED25519 ? null : 'sha256'
  return {
    fingerprint: fingerprint(parsed),
    verify: (message, signature) => verifies(hash, message, key, signature),
  }
}

/** OpenSSL throws if it cannot parse the signature. */
function verifies(hash: string | null, message: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  try {
    return verify(hash, message, key, signature)
  } catch {
    return false
  }
}

const ED25519 = 'ssh-ed25519'
const P256 = 'ecdsa-sha2-nistp256'

function lineBlob(line: string): Buffer {
  const [type = '', base64 = ''] = line.trim().split(/\s+/)
  if (type !== ED25519 && type !== P256) throw unsupported(type.slice(0, 40))
  const blob = Buffer.from(base64, 'base64')
  if (!blob.subarray(0, 4 + type.length).equals(wireString(type)))
    throw new Error(`it does not contain the "${type}" key that it names`)
  return blob
}

function pemKey(text: string): KeyObject {
  try {
    return createPublicKey(text)
  } catch (cause) {
    throw new Error('it is not a PEM public key', { cause })
  }
}

/** The key in SSH's encoding, so that a key has one fingerprint in both formats. */
function sshBlob(key: KeyObject): Buffer {
  const { kty, crv, x = '', y = '' } = key.export({ format: 'jwk' })
  const [left, right] = [x, y].map((coordinate) => Buffer.from(coordinate, 'base64url'))
  if (left === undefined || right === undefined) throw unsupported(String(kty))
  if (crv === 'Ed25519') return Buffer.concat([ED25519, left].map(wireString))
  if (crv !== 'P-256') throw unsupported(crv ?? String(kty))
  return Buffer.concat([P256, 'nistp256', Buffer.concat([Buffer.of(4), left, right])].map(wireString))
}

function unsupported(type: string): Error {
  return new Error(`its type "${type}" is not supported; use ssh-ed25519 or ECDSA on P-256`)
}
