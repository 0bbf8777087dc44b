import { createHash, verify } from 'node:crypto'
import { parsePublicKey, type SshPublicKey } from '../../api/contract/keys/ssh-public-key.ts'
import { createWireReader, unsigned, type WireReader, wireString } from '../../api/contract/keys/ssh-wire.ts'

/** A signature by `ssh-keygen -Y sign`, in the format of OpenSSH's PROTOCOL.sshsig. */
export interface SshSignature {
  readonly key: SshPublicKey
  /** The purpose of the signature. Git uses `git`. */
  readonly namespace: string
  readonly reserved: Buffer
  readonly hash: 'sha256' | 'sha512'
  readonly algorithm: string
  readonly signature: Buffer
  /** `null` for a key that is not a security key. */
  readonly touch: { readonly flags: number; readonly counter: number } | null
}

const ARMOR = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\s*$/
const MAGIC = Buffer.from('SSHSIG')
const RSA_HASHES: Readonly<Record<string, string>> = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }

/** Throws an `Error` with the problem. */
export function parseSshSignature(armored: string): SshSignature {
  const [, base64] = ARMOR.exec(armored.replaceAll('\r\n', '\n')) ?? []
  if (base64 === undefined) throw new Error('it is not an armored SSH signature')
  const reader = createWireReader(Buffer.from(base64, 'base64'))
  if (!reader.bytes(MAGIC.length).equals(MAGIC) || reader.uint32() !== 1)
    throw new Error('it is not an SSH signature of version 1')
  const key = parsePublicKey(reader.string())
  const namespace = reader.string().toString()
  const reserved = reader.string()
  const hash = reader.string().toString('latin1')
  if (hash !== 'sha256' && hash !== 'sha512') throw new Error(`its hash "${hash}" is not supported`)
  const inner = readInner(createWireReader(reader.string()), key)
  reader.end()
  return { key, namespace, reserved, hash, ...inner }
}

/** Whether the key in the signature signed exactly this payload. */
export function signs(signature: SshSignature, payload: Uint8Array): boolean {
  const { namespace, reserved, hash, key, touch } = signature
  const parts = [namespace, reserved, hash, createHash(hash).update(payload).digest()].map(wireString)
  const message = Buffer.concat([MAGIC, ...parts])
  return verifyWith(signature, touch === null ? message : touched(message, key, touch))
}

function readInner(reader: WireReader, { type, application }: SshPublicKey) {
  const algorithm = reader.string().toString('latin1')
  const wanted = type === 'ssh-rsa' ? Object.keys(RSA_HASHES) : [type]
  if (!wanted.includes(algorithm)) throw new Error(`its algorithm "${algorithm}" is not supported`)
  const signature = reader.string()
  const touch = application === null ? null : { flags: reader.byte(), counter: reader.uint32() }
  reader.end()
  return { algorithm, signature, touch }
}

function verifyWith({ key: { key, curve }, algorithm, signature }: SshSignature, message: Buffer): boolean {
  const rsaHash = RSA_HASHES[algorithm]
  if (rsaHash !== undefined) return verify(rsaHash, message, key, padded(signature, key.asymmetricKeyDetails))
  if (curve === null) return verify(null, message, key, signature)
  const reader = createWireReader(signature)
  const numbers = [reader.string(), reader.string()].map((number) => unsigned(number, curve.size))
  reader.end()
  return verify(curve.hash, message, { key, dsaEncoding: 'ieee-p1363' }, Buffer.concat(numbers))
}

/** Some agents omit leading zeros. OpenSSH accepts such signatures, but OpenSSL does not. */
function padded(signature: Buffer, { modulusLength = 0 }: { modulusLength?: number } = {}): Buffer {
  return Buffer.concat([
    Buffer.alloc(Math.max(0, Math.ceil(modulusLength / 8) - signature.length)),
    signature,
  ])
}

/** A security key signs the hashes of its application and the message, with its flags and counter. */
function touched(
  message: Buffer,
  { application }: SshPublicKey,
  { flags, counter }: { readonly flags: number; readonly counter: number },
): Buffer {
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
  const state = Buffer.alloc(5)
  state.writeUInt8(flags)
  state.writeUInt32BE(counter, 1)
  return Buffer.concat([sha256(application ?? Buffer.alloc(0)), state, sha256(message)])
}
