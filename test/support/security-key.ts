import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** A key as it lies in a security key, and signatures as one makes them when it is touched (PROTOCOL.u2f). */
export function securityKey(type: 'ed25519' | 'ecdsa') {
  const application = 'ssh:'
  const { publicKey, privateKey } = type === 'ed25519' ? generateKeyPairSync('ed25519') : ecdsaPair()
  const jwk = publicKey.export({ format: 'jwk' })
  const part = (text = '') => Buffer.from(text, 'base64url')
  const name = type === 'ed25519' ? 'sk-ssh-ed25519@openssh.com' : 'sk-ecdsa-sha2-nistp256@openssh.com'
  const key =
    type === 'ed25519'
      ? [part(jwk.x)]
      : [Buffer.from('nistp256'), Buffer.concat([Buffer.of(4), part(jwk.x), part(jwk.y)])]
  const blob = strings(name, ...key, application)
  return {
    publicKey: `${name} ${blob.toString('base64')}`,
    /** Armored, for the namespace `git`. */
    sign(payload: Uint8Array): string {
      const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
      const digest = createHash('sha512').update(payload).digest()
      const message = Buffer.concat([Buffer.from('SSHSIG'), strings('git', '', 'sha512', digest)])
      const state = Buffer.of(1, 0, 0, 0, 7)
      const signed = signature(
        privateKey,
        Buffer.concat([sha256(Buffer.from(application)), state, sha256(message)]),
      )
      const inner = Buffer.concat([strings(name, signed), state])
      const whole = [Buffer.from('SSHSIG\0\0\0\x01'), strings(blob, 'git', '', 'sha512', inner)]
      const base64 = Buffer.concat(whole).toString('base64').replaceAll(/.{70}/g, '$&\n')
      return `-----BEGIN SSH SIGNATURE-----\n${base64}\n-----END SSH SIGNATURE-----\n`
    },
  }
}

function ecdsaPair() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

function signature(key: KeyObject, message: Uint8Array): Buffer {
  if (key.asymmetricKeyType === 'ed25519') return sign(null, message, key)
  const both = sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' })
  return strings(mpint(both.subarray(0, 32)), mpint(both.subarray(32)))
}

/** Without leading zeros, but with one where the first bit would make it negative. */
function mpint(number: Buffer): Buffer {
  const digits = number.subarray(number.findIndex((byte) => byte !== 0))
  return (digits[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits
}

function strings(...parts: (string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      return [length, bytes]
    }),
  )
}
