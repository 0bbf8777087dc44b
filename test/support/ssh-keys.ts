import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** A key whose signatures are built here byte by byte, following OpenSSH's documents. */
export interface HandmadeKey {
  /** Type and key, as in a line of allowed_signers. */
  readonly publicKey: string
  /** Armored, for the namespace `git`. */
  sign(payload: Uint8Array): string
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
const part = (text = '') => Buffer.from(text, 'base64url')

/** A key on a security key, which signs when touched (PROTOCOL.u2f). */
export function securityKey(type: 'ed25519' | 'ecdsa'): HandmadeKey {
  const { publicKey, privateKey } =
    type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x, y } = publicKey.export({ format: 'jwk' })
  const name = type === 'ed25519' ? 'sk-ssh-ed25519@openssh.com' : 'sk-ecdsa-sha2-nistp256@openssh.com'
  const point = Buffer.concat([Buffer.of(4), part(x), part(y)])
  const key = type === 'ed25519' ? [part(x)] : ['nistp256', point]
  const touch = Buffer.of(1, 0, 0, 0, 7)
  return handmade(name, strings(name, ...key, 'ssh:'), (message) => {
    const touched = Buffer.concat([sha256(Buffer.from('ssh:')), touch, sha256(message)])
    return Buffer.concat([strings(name, rawSignature(privateKey, touched)), touch])
  })
}

/** An RSA key that omits the leading zeros of its signatures, as some agents do. */
export function frugalRsaKey(): HandmadeKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const { e, n } = publicKey.export({ format: 'jwk' })
  return handmade('ssh-rsa', strings('ssh-rsa', mpint(part(e)), mpint(part(n))), (message) =>
    strings('rsa-sha2-512', withoutZeros(sign('sha512', message, privateKey))),
  )
}

function handmade(name: string, blob: Buffer, signed: (message: Uint8Array) => Buffer): HandmadeKey {
  return {
    publicKey: `${name} ${blob.toString('base64')}`,
    sign(payload) {
      const digest = createHash('sha512').update(payload).digest()
      const message = Buffer.concat([Buffer.from('SSHSIG'), strings('git', '', 'sha512', digest)])
      const whole = [Buffer.from('SSHSIG\0\0\0\x01'), strings(blob, 'git', '', 'sha512', signed(message))]
      const base64 = Buffer.concat(whole).toString('base64').replaceAll(/.{70}/g, '$&\n')
      return `-----BEGIN SSH SIGNATURE-----\n${base64}\n-----END SSH SIGNATURE-----\n`
    },
  }
}

function rawSignature(key: KeyObject, message: Uint8Array): Buffer {
  if (key.asymmetricKeyType === 'ed25519') return sign(null, message, key)
  const both = sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' })
  return strings(mpint(both.subarray(0, 32)), mpint(both.subarray(32)))
}

/** Without leading zeros, except one if the first bit would make it negative. */
function mpint(number: Buffer): Buffer {
  const digits = withoutZeros(number)
  return (digits[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits
}

function withoutZeros(number: Buffer): Buffer {
  return number.subarray(number.findIndex((byte) => byte !== 0))
}

function strings(...parts: (string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.flatMap((one) => {
      const bytes = Buffer.from(one)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      return [length, bytes]
    }),
  )
}
