import { execFile } from 'node:child_process'
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { wireString } from '../../api/contract/keys/ssh-wire.ts'

const execute = promisify(execFile)
const hasPython = await execute('python3', ['--version']).then(
  () => true,
  () => false,
)

interface Check {
  /** A key as the option takes it. */
  readonly key: string
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

/** What the Python client says about each signature; a clause for a key that it refuses. */
async function inPython(checks: readonly Check[]): Promise<readonly (boolean | string)[]> {
  const script = `
import json, sys
sys.path.insert(0, "client/python")
from prompt_registry import _PublicKey
results = []
for key, message, signature in json.load(sys.stdin):
    try:
        results.append(_PublicKey(key).verify(bytes.fromhex(message), bytes.fromhex(signature)))
    except ValueError as error:
        results.append(str(error))
print(json.dumps(results))`
  const running = execute('python3', ['-B', '-c', script])
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  running.child.stdin?.end(
    JSON.stringify(checks.map(({ key, message, signature }) => [key, hex(message), hex(signature)])),
  )
  return JSON.parse((await running).stdout)
}

function pem(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
}

function ed25519Line(publicHex: string): string {
  const blob = Buffer.concat(['ssh-ed25519', Buffer.from(publicHex, 'hex')].map(wireString))
  return `ssh-ed25519 ${blob.toString('base64')} ada@example.com`
}

function p256Line(key: KeyObject): string {
  const { x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' })
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
  const blob = Buffer.concat(['ecdsa-sha2-nistp256', 'nistp256', point].map(wireString))
  return `ecdsa-sha2-nistp256 ${blob.toString('base64')}`
}

/** RFC 8032, section 7.1: public key, message and signature of the tests 1 to 3. */
const VECTORS = [
  [
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
] as const

test.skipIf(!hasPython)('the Python client verifies the vectors of RFC 8032', async () => {
  const checks = VECTORS.map(([key, message, signature]) => ({
    key: ed25519Line(key),
    message: Buffer.from(message, 'hex'),
    signature: Buffer.from(signature, 'hex'),
  }))
  expect(await inPython(checks)).toEqual(VECTORS.map(() => true))
})

test.skipIf(!hasPython)(
  'the Python client verifies what node:crypto signs, and nothing that was changed',
  async () => {
    const checks: Check[] = []
    for (let n = 0; n < 16; n++) {
      const isEdwards = n % 2 === 0
      const { privateKey: key } = isEdwards
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const message = randomBytes(n)
      const signature = sign(isEdwards ? null : 'sha256', message, key)
      const changed = Buffer.from(signature)
      const at = n % signature.length
      changed.writeUInt8(changed.readUInt8(at) ^ (1 << (n % 8)), at)
      const text = n % 4 === 1 ? p256Line(key) : pem(key)
      checks.push({ key: text, message, signature })
      checks.push({ key: text, message, signature: changed })
      checks.push({ key: text, message: Buffer.concat([message, Buffer.of(0)]), signature })
      checks.push({ key: text, message, signature: signature.subarray(1) })
    }
    expect(await inPython(checks)).toEqual(checks.map((_, n) => n % 4 === 0))
  },
)

/** The order of the group of Ed25519, little-endian. */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n

test.skipIf(!hasPython)('the Python client refuses a second encoding of a signature', async () => {
  const [key, message, hex] = VECTORS[1]
  const signature = Buffer.from(hex, 'hex')
  const scalar = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + ORDER
  const other = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex').reverse()
  const checks = [
    {
      key: ed25519Line(key),
      message: Buffer.from(message, 'hex'),
      signature: Buffer.concat([signature.subarray(0, 32), other]),
    },
    { key: ed25519Line(key), message: Buffer.from(message, 'hex'), signature: Buffer.alloc(64) },
  ]
  expect(await inPython(checks)).toEqual([false, false])
})

test.skipIf(!hasPython)('the Python client says why a key cannot be used', async () => {
  const { privateKey: p384 } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const { privateKey } = generateKeyPairSync('ed25519')
  const offCurve = Buffer.concat([
    Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex'),
    Buffer.of(4),
    Buffer.alloc(64, 1),
  ])
  const keys = [
    privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    pem(p384),
    'ssh-ed25519',
    `-----BEGIN PUBLIC KEY-----\n${offCurve.toString('base64')}\n-----END PUBLIC KEY-----`,
  ]
  const none = { message: Buffer.alloc(0), signature: Buffer.alloc(64) }
  expect(await inPython(keys.map((key) => ({ key, ...none })))).toEqual([
    'it is a private key; use the public one',
    'its type is not supported; use ssh-ed25519 or ECDSA on P-256',
    'it is neither a line of OpenSSH nor a PEM public key',
    'its point is malformed',
  ])
})
