import { describe, expect, test } from 'vitest'
import { parseAllowedSigners } from '../../../controller/verification/allowed-signers.ts'
import { signerOptions } from '../../../controller/verification/signer-options.ts'
import { sshSigner } from '../../../controller/verification/ssh-signer.ts'
import fc from '../../support/fast-check.ts'
import { type SshKeyType, signingMissing, sshKey, sshKeygenAgrees } from '../../support/signing.ts'
import { frugalRsaKey, securityKey } from '../../support/ssh-keys.ts'
import { skipWithout } from '../source/git-world.ts'

const AT = { text: '20260115120000', ms: Date.UTC(2026, 0, 15, 12) }
const PAYLOAD = Buffer.from('object 1\n')

/** Who signed, or the words of the refusal. */
function judge(payload: Uint8Array, armored: string, signers: string): string {
  try {
    return `signed by ${sshSigner(payload, armored, parseAllowedSigners(signers), AT.ms)}`
  } catch (error) {
    expect((error as Error).name).toBe('Refusal')
    return (error as Error).message
  }
}

const KEYS: readonly [SshKeyType, number | undefined][] = [
  ...[['ed25519', 256] as const, ['ecdsa', 256] as const, ['ecdsa', 384] as const],
  ...[['ecdsa', 521] as const, ['rsa', 2048] as const, ['rsa', 3072] as const],
].map(([type, bits]) => [type, bits])

describe('a signature of ssh-keygen', () => {
  test.for(KEYS)(
    'with a key of %s (%s) is valid only for the signed content',
    async ([type, bits], context) => {
      skipWithout(context, signingMissing())
      const key = await sshKey(type, bits)
      const signers = `ada@example.com ${key.publicKey}`
      await fc.assert(
        fc.asyncProperty(
          fc.uint8Array({ minLength: 1, maxLength: 300 }),
          fc.nat(),
          async (payload, place) => {
            const armored = await key.sign(payload)
            expect(judge(payload, armored, signers)).toBe('signed by ada@example.com')
            expect(judge(flipped(payload, place), armored, signers)).toBe(
              'its signature does not match its content',
            )
          },
        ),
        { numRuns: 10 },
      )
    },
  )

  test('is refused with any bit changed, as by ssh-keygen', async (context) => {
    skipWithout(context, signingMissing())
    const key = await sshKey()
    const signers = `ada@example.com ${key.publicKey}`
    const bytes = dearmored(await key.sign(PAYLOAD))
    expect(judge(PAYLOAD, armored(bytes), signers)).toBe('signed by ada@example.com')
    for (let place = 0; place < bytes.length * 8; place++)
      expect(judge(PAYLOAD, armored(flipped(bytes, place)), signers), `bit ${place}`).not.toMatch(/^signed/)
    const longer = armored(Buffer.concat([bytes, Buffer.of(0)]))
    expect(judge(PAYLOAD, longer, signers)).toBe('its signature is malformed: it has extra bytes at the end')
    for (const one of [longer, armored(flipped(bytes, 800))])
      expect(await sshKeygenAgrees(PAYLOAD, one, signers, AT.text)).toBe(false)
  })

  test.for([
    ['signed for another purpose', ['-n', 'file'], 'it is signed for "file", not for git'],
    ['with SHA-256', ['-O', 'hashalg=sha256'], 'signed by ada@example.com'],
  ] as const)('%s', async ([, [option, value], words], context) => {
    skipWithout(context, signingMissing())
    const key = await sshKey()
    const signers = `ada@example.com ${key.publicKey}`
    const signature =
      option === '-n' ? await key.sign(PAYLOAD, value) : await key.sign(PAYLOAD, 'git', [option, value])
    expect(judge(PAYLOAD, signature, signers)).toBe(words)
    const agrees = await sshKeygenAgrees(PAYLOAD, signature, signers, AT.text)
    expect(agrees).toBe(words.startsWith('signed'))
  })

  test('by a stranger is refused with the fingerprint', async (context) => {
    skipWithout(context, signingMissing())
    const [ada, eve] = [await sshKey(), await sshKey()]
    expect(judge(PAYLOAD, await eve.sign(PAYLOAD), `ada@example.com ${ada.publicKey}`)).toMatch(
      /^it is signed with the SSH key SHA256:[A-Za-z0-9+/]{43}, which is not an allowed signer/,
    )
  })

  test.for(['ed25519', 'ecdsa'] as const)(
    'of a security key (%s) is valid if ssh-keygen accepts it',
    async (type, context) => {
      skipWithout(context, signingMissing())
      const { publicKey, sign } = securityKey(type)
      const signers = `ada@example.com ${publicKey}`
      const signature = sign(PAYLOAD)
      expect(await sshKeygenAgrees(PAYLOAD, signature, signers, AT.text)).toBe(true)
      expect(judge(PAYLOAD, signature, signers)).toBe('signed by ada@example.com')
      expect(judge(Buffer.from('other'), signature, signers)).toBe('its signature does not match its content')
    },
  )

  test('of RSA may lack its leading zeros, as with ssh-keygen', async (context) => {
    skipWithout(context, signingMissing())
    const { publicKey, sign } = frugalRsaKey()
    const signers = `ada@example.com ${publicKey}`
    const lengthOf = (payload: Uint8Array) => dearmored(sign(payload)).length
    const payloads = Array.from({ length: 3000 }, (_, index) => Buffer.from(`object ${index}\n`))
    const usual = Math.max(...payloads.slice(0, 20).map(lengthOf))
    const short = payloads.find((payload) => lengthOf(payload) < usual) ?? PAYLOAD
    expect(lengthOf(short)).toBeLessThan(usual)
    expect(await sshKeygenAgrees(short, sign(short), signers, AT.text)).toBe(true)
    expect(judge(short, sign(short), signers)).toBe('signed by ada@example.com')
  })
})

describe('an invalid signature', () => {
  const stranger =
    'ada@example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g'

  test.for([
    ['', 'its signature is malformed: it is not an armored SSH signature'],
    [armored(Buffer.from('SSHSIG')), 'its signature is malformed: it is incomplete'],
    [
      armored(Buffer.from('SSHSIG\0\0\0\x02')),
      'its signature is malformed: it is not an SSH signature of version 1',
    ],
    [
      `${armored(Buffer.from('SSHSIG'))}and more`,
      'its signature is malformed: it is not an armored SSH signature',
    ],
  ])('is refused with the reason: %j', ([text = '', words]) => {
    expect(judge(PAYLOAD, text, stranger)).toBe(words)
  })

  test('is never accepted, and never throws another error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const framed = Buffer.concat([Buffer.from('SSHSIG\0\0\0\x01'), bytes])
        for (const one of [bytes, framed])
          expect(judge(PAYLOAD, armored(one), stranger)).toMatch(/^its signature/)
      }),
    )
  })
})

describe('the options of an allowed signer', () => {
  const time = fc.constantFrom(
    ...['20260115', '202601151200', '20260115120000', '20260115120001', '20260115115959', '20270101'],
  )
  const namespaces = fc.constantFrom(
    'git',
    'file',
    '*',
    'g?t',
    'g?',
    'file,git',
    '*,!git',
    '!file,git',
    'gi*',
  )
  const option = fc.oneof(
    namespaces.map((value) => `namespaces="${value}"`),
    time.map((value) => `valid-after="${value}"`),
    time.map((value) => `valid-before="${value}"`),
  )
  const options = fc
    .uniqueArray(option, { maxLength: 3, selector: (text) => text.split('=')[0] })
    // ssh-keygen drops a line that is never valid; here it is a flaw of the configuration.
    .filter((all) => isReadable(all.join(',')))

  test('allow the same signatures as ssh-keygen', async (context) => {
    skipWithout(context, signingMissing())
    const key = await sshKey()
    const signature = await key.sign(PAYLOAD)
    await fc.assert(
      fc.asyncProperty(fc.array(options, { minLength: 1, maxLength: 2 }), async (lines) => {
        const signers = lines
          .map((line, index) => `p${index}@x,q@x ${line.join(',')} ${key.publicKey} a comment`)
          .join('\n')
        const agrees = await sshKeygenAgrees(PAYLOAD, signature, `# who\n\n${signers}\n`, AT.text)
        expect(judge(PAYLOAD, signature, signers).startsWith('signed by p')).toBe(agrees)
      }),
      { numRuns: 60 },
    )
  })
})

function isReadable(options: string): boolean {
  try {
    return signerOptions(options) !== null
  } catch {
    return false
  }
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const place = bit % (bytes.length * 8)
  return bytes.map((byte, index) => (index === place >> 3 ? byte ^ (1 << (place & 7)) : byte))
}

function dearmored(text: string): Buffer {
  return Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64')
}

function armored(bytes: Uint8Array): string {
  const base64 = Buffer.from(bytes).toString('base64').replaceAll(/.{70}/g, '$&\n')
  return `-----BEGIN SSH SIGNATURE-----\n${base64}\n-----END SSH SIGNATURE-----\n`
}
