import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { createWireReader, unsigned, type WireReader } from './ssh-wire.ts'

export interface SshPublicKey {
  readonly type: string
  /** The key in SSH's encoding. Two keys are equal if these bytes are. */
  readonly blob: Buffer
  readonly key: KeyObject
  readonly curve: Curve | null
  /** The application of a security key; `null` for other keys. */
  readonly application: Buffer | null
}

export interface Curve {
  readonly name: string
  readonly hash: 'sha256' | 'sha384' | 'sha512'
  /** Bytes of one coordinate. */
  readonly size: number
}

const CURVES: Readonly<Record<string, Curve>> = {
  nistp256: { name: 'P-256', hash: 'sha256', size: 32 },
  nistp384: { name: 'P-384', hash: 'sha384', size: 48 },
  nistp521: { name: 'P-521', hash: 'sha512', size: 66 },
}

const SHORTEST_RSA_BITS = 2048

/** Throws an `Error` with the reason if the key cannot be used. */
export function parsePublicKey(blob: Buffer): SshPublicKey {
  const reader = createWireReader(blob)
  const type = reader.string().toString('latin1')
  const { jwk, curve = null } = readKey(type, reader)
  const application = type.startsWith('sk-') ? reader.string() : null
  reader.end()
  return { type, blob, key: createPublicKey({ key: jwk, format: 'jwk' }), curve, application }
}

/** The fingerprint as `ssh-keygen -l` and git hosts show it. */
export function fingerprint({ blob }: Pick<SshPublicKey, 'blob'>): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

function readKey(type: string, reader: WireReader): { jwk: JsonWebKey; curve?: Curve } {
  switch (type) {
    case 'ssh-ed25519':
    case 'sk-ssh-ed25519@openssh.com':
      return { jwk: { kty: 'OKP', crv: 'Ed25519', x: reader.string().toString('base64url') } }
    case 'ssh-rsa':
      return { jwk: rsaKey(reader) }
    case 'ecdsa-sha2-nistp256':
    case 'ecdsa-sha2-nistp384':
    case 'ecdsa-sha2-nistp521':
    case 'sk-ecdsa-sha2-nistp256@openssh.com':
      return ecdsaKey(type, reader)
    default:
      throw new Error(`keys of the type "${type}" are not supported`)
  }
}

function rsaKey(reader: WireReader): JsonWebKey {
  const [e, n] = [unsigned(reader.string()), unsigned(reader.string())]
  if (n.length * 8 < SHORTEST_RSA_BITS) throw new Error(`it has fewer than ${SHORTEST_RSA_BITS} bits`)
  return { kty: 'RSA', e: e.toString('base64url'), n: n.toString('base64url') }
}

function ecdsaKey(type: string, reader: WireReader): { jwk: JsonWebKey; curve: Curve } {
  const name = reader.string().toString('latin1')
  const curve = CURVES[name]
  const point = reader.string()
  if (curve === undefined || !type.includes(name))
    throw new Error(`its curve "${name}" does not match its type`)
  if (point[0] !== 4 || point.length !== 1 + 2 * curve.size) throw new Error('its point is malformed')
  const x = point.subarray(1, 1 + curve.size).toString('base64url')
  const y = point.subarray(1 + curve.size).toString('base64url')
  return { jwk: { kty: 'EC', crv: curve.name, x, y }, curve }
}
