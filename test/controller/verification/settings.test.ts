import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError, parseConfig, readConfig } from '../../../controller/configuration/config.ts'
import { configDigest } from '../../../controller/state/source-state.ts'
import { scratchFolder } from '../../support/scratch.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g'
const LINE = `ada@example.com ${KEY}`
const PGP = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxsBN\n-----END PGP PUBLIC KEY BLOCK-----\n'

const document = (verify: unknown) =>
  JSON.stringify({ sources: [{ name: 'demo', repository: '/r', verify }] })

function sourceWith(verify: unknown) {
  const [source] = parseConfig(document(verify), 'promptctl.yaml').sources
  if (source === undefined) throw new Error('no source')
  return source
}

function flawOf(verify: unknown): string {
  try {
    sourceWith(verify)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return 'no flaw'
}

describe('the signature settings', () => {
  test('are empty by default, and then nothing is verified', () => {
    expect(sourceWith(undefined).verify).toBe(undefined)
    expect(sourceWith({ tags: 'off' }).verify).toEqual({ tags: 'off', allowedSigners: '', gpgKeys: [] })
  })

  test('have signers as a string or a list of lines, and OpenPGP keys', () => {
    const text = sourceWith({ tags: 'require', allowedSigners: `# us\n${LINE}`, gpgKeys: [PGP] }).verify
    expect(text).toEqual({ tags: 'require', allowedSigners: `# us\n${LINE}`, gpgKeys: [PGP] })
    expect(sourceWith({ tags: 'warn', allowedSigners: ['# us', LINE] }).verify?.allowedSigners).toBe(
      `# us\n${LINE}`,
    )
  })

  test('can have keys in files beside the configuration', async () => {
    const folder = await scratchFolder()
    await mkdir(join(folder, 'keys'))
    await writeFile(join(folder, 'keys/signers'), `${LINE}\n`)
    await writeFile(join(folder, 'keys/ada.asc'), PGP)
    const file = join(folder, 'promptctl.yaml')
    await writeFile(
      file,
      document({ tags: 'require', allowedSignersFile: 'keys/signers', gpgKeyFiles: ['./keys/ada.asc'] }),
    )
    const [source] = (await readConfig(file)).sources
    expect(source?.verify).toEqual({ tags: 'require', allowedSigners: `${LINE}\n`, gpgKeys: [PGP] })
    await writeFile(
      file,
      document({ tags: 'require', allowedSigners: LINE, allowedSignersFile: 'keys/none' }),
    )
    await expect(readConfig(file)).rejects.toThrow(
      /cannot read a file listed under "verify" of source "demo"/,
    )
    await expect(readConfig(file)).rejects.toBeInstanceOf(ConfigError)
  })

  test('make a pass compare everything after a change', () => {
    const digests = [
      sourceWith(undefined),
      sourceWith({ tags: 'warn', allowedSigners: LINE }),
      sourceWith({ tags: 'require', allowedSigners: LINE }),
      sourceWith({ tags: 'require', allowedSigners: LINE.replace('ada', 'bob') }),
      sourceWith({ tags: 'require', gpgKeys: [PGP] }),
    ].map(configDigest)
    expect(new Set(digests).size).toBe(digests.length)
  })

  test.for([
    [{ allowedSigners: LINE }, /sources\[0\]\.verify\.tags: /],
    [{ tags: 'always', allowedSigners: LINE }, /sources\[0\]\.verify\.tags: /],
    [
      { tags: 'require' },
      /"verify" of the source "demo" allows no signer\. Add "allowedSigners" or "gpgKeys"/,
    ],
    [{ tags: 'warn', allowedSigners: '# nobody yet\n\n' }, /allows no signer/],
    [
      { tags: 'require', allowedSigners: 'ada@x' },
      /line 1 of the allowed signers is invalid: expected owners/,
    ],
    [
      { tags: 'require', allowedSignersFile: 'signers' },
      /names key files, which this document does not support/,
    ],
    [{ tags: 'require', gpgKeyFiles: ['ada.asc'] }, /names key files, which this document does not support/],
    [{ tags: 'require', gpgKeys: ['AAAA'] }, /gpgKeys\[0\] is not an armored public key/],
    [
      { tags: 'require', gpgKeys: [PGP, PGP.replaceAll('PUBLIC', 'PRIVATE')] },
      /gpgKeys\[1\] is not an armored public key/,
    ],
  ])('are rejected with the next step if they are invalid: %j', ([verify, words]) => {
    expect(flawOf(verify)).toMatch(words as RegExp)
  })
})
