import { createPrivateKey, type KeyObject } from 'node:crypto'
import { createWireReader } from './ssh-wire.ts'

/**
 * Reads a private key without a passphrase: PEM, or what `ssh-keygen -t ed25519 -N ''` writes. Throws an `Error`
 * whose message is a clause about the key, without any of its text.
 */
export function parsePrivateKey(text: string): KeyObject {
  if (/PUBLIC KEY|^ssh-/.test(text.trimStart())) throw new Error('it is a public key; use the private one')
  const [, base64] = OPENSSH.exec(text) ?? []
  return base64 === undefined ? pemKey(text) : openSshKey(Buffer.from(base64, 'base64'))
}

const OPENSSH = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----/
const MAGIC = Buffer.from('openssh-key-v1\0')
const ED25519 = 'ssh-ed25519'
const SEED_BYTES = 32
const ENCRYPTED = 'it has a passphrase; use a key without one'

function pemKey(text: string): KeyObject {
  if (/ENCRYPTED/.test(text)) throw new Error(ENCRYPTED)
  try {
    return createPrivateKey(text)
  } catch {
    // The cause may quote the key.
    throw new Error('it is neither a PEM private key nor an OpenSSH one')
  }
}

/** OpenSSH's PROTOCOL.key. */
function openSshKey(bytes: Buffer): KeyObject {
  const reader = createWireReader(bytes)
  if (!reader.bytes(MAGIC.length).equals(MAGIC)) throw new Error('it is not an OpenSSH private key')
  const cipher = reader.string().toString('latin1')
  if (cipher !== 'none') throw new Error(ENCRYPTED)
  reader.string()
  reader.string()
  if (reader.uint32() !== 1) throw new Error('it must have exactly one key')
  reader.string()
  const inner = createWireReader(reader.string())
  const checks = [inner.uint32(), inner.uint32()]
  if (checks[0] !== checks[1]) throw new Error('it is damaged')
  const type = inner.string().toString('latin1')
  if (type !== ED25519) throw new Error(`its type "${type}" is not supported; use ssh-ed25519 or a PEM key`)
  const x = inner.string()
  const d = inner.string().subarray(0, SEED_BYTES)
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url'), d: d.toString('base64url') }
  return createPrivateKey({ key: jwk, format: 'jwk' })
}
