import { execFile } from 'node:child_process'
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { parsePrivateKey } from '../../../../api/contract/keys/private-key.ts'
import { verificationKey, verificationKeyOf } from '../../../../api/contract/keys/verification-key.ts'
import { skipWithout } from '../../../controller/source/git-world.ts'
import { signingMissing, sshKey } from '../../../support/signing.ts'

const run = promisify(execFile)
const message = Buffer.from('message')

test.for(['ed25519', 'ecdsa'] as const)(
  'reads the public %s key of ssh-keygen, with its fingerprint',
  async (type, context) => {
    skipWithout(context, signingMissing())
    const { path, publicKey } = await sshKey(type)
    const { stdout } = await run('ssh-keygen', ['-l', '-f', path])
    expect(stdout).toContain(`${verificationKey(`${publicKey} ci@acme.com`).fingerprint} `)
  },
)

test('signs with the private key of ssh-keygen', async (context) => {
  skipWithout(context, signingMissing())
  const { path, publicKey } = await sshKey()
  const key = parsePrivateKey(await readFile(path, 'utf8'))
  expect(verificationKey(publicKey).verify(message, sign(null, message, key))).toBe(true)
  expect(verificationKey(publicKey).verify(Buffer.from('other'), sign(null, message, key))).toBe(false)
})

test('refuses a private key with a passphrase', async (context) => {
  skipWithout(context, signingMissing())
  const { path } = await sshKey()
  await run('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'secret', '-f', path])
  const text = await readFile(path, 'utf8')
  expect(() => parsePrivateKey(text)).toThrow('it has a passphrase')
})

test.for([
  ['Ed25519', generateKeyPairSync('ed25519')],
  ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
] as const)(
  'reads a PEM key on %s, which has one fingerprint in both halves',
  ([, { publicKey, privateKey }]) => {
    const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const read = verificationKey(String(publicKey.export({ type: 'spki', format: 'pem' })))
    expect(verificationKeyOf(parsePrivateKey(pem)).fingerprint).toBe(read.fingerprint)
    const hash = privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256'
    expect(read.verify(message, sign(hash, message, createPrivateKey(pem)))).toBe(true)
    expect(read.verify(message, Buffer.from('no signature'))).toBe(false)
  },
)

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })

test.each([
  ['nothing', '', 'is not supported'],
  [
    'RSA in PEM',
    String(rsa.publicKey.export({ type: 'spki', format: 'pem' })),
    'its type "RSA" is not supported',
  ],
  [
    'P-384',
    String(p384.publicKey.export({ type: 'spki', format: 'pem' })),
    'its type "P-384" is not supported',
  ],
  ['RSA in a line', 'ssh-rsa AAAAB3NzaC1yc2E=', 'its type "ssh-rsa" is not supported'],
  ['a key of another type than its line', 'ssh-ed25519 AAAAB3NzaC1yc2E=', 'it does not contain'],
  ['half a key', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==', 'it is incomplete'],
  ['broken PEM', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', 'it is not a PEM public key'],
  ['a private key', String(rsa.privateKey.export({ type: 'pkcs8', format: 'pem' })), 'it is a private key'],
])('refuses as a public key: %s', (_, text, problem) => {
  expect(() => verificationKey(text)).toThrow(problem)
})

test.each([
  ['nothing', '', 'it is neither'],
  ['a public key', 'ssh-ed25519 AAAA', 'it is a public key'],
  [
    'other bytes',
    '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----',
    'it is incomplete',
  ],
])('refuses as a private key: %s', (_, text, problem) => {
  expect(() => parsePrivateKey(text)).toThrow(problem)
})

test('no error shows any of a private key', () => {
  const pem = String(rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const damaged = pem.replace(/\n./, '\n*')
  const secret = pem.split('\n')[3] ?? ''
  expect(() => parsePrivateKey(damaged)).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining(secret) }),
  )
})
