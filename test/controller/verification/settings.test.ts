import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError, parseConfig, readConfig } from '../../../controller/config.ts'
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

describe('who may sign', () => {
  test('is nobody where nothing is said, and then nothing is verified', () => {
    expect(sourceWith(undefined).verify).toBe(undefined)
    expect(sourceWith({ tags: 'off' }).verify).toEqual({ tags: 'off', allowedSigners: '', gpgKeys: [] })
  })

  test('is a text or a list of lines, and keys of OpenPGP', () => {
    const text = sourceWith({ tags: 'require', allowedSigners: `# us\n${LINE}`, gpgKeys: [PGP] }).verify
    expect(text).toEqual({ tags: 'require', allowedSigners: `# us\n${LINE}`, gpgKeys: [PGP] })
    expect(sourceWith({ tags: 'warn', allowedSigners: ['# us', LINE] }).verify?.allowedSigners).toBe(
      `# us\n${LINE}`,
    )
  })

  test('may be in files beside the configuration, which are as good as written in it', async () => {
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
      /a file that "verify" of the source "demo" names cannot be read/,
    )
    await expect(readConfig(file)).rejects.toBeInstanceOf(ConfigError)
  })

  test('makes every pass compare everything when it changes', () => {
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
      /"verify" of the source "demo" says nobody who may sign; add "allowedSigners" or "gpgKeys"/,
    ],
    [{ tags: 'warn', allowedSigners: '# nobody yet\n\n' }, /says nobody who may sign/],
    [{ tags: 'require', allowedSigners: 'ada@x' }, /line 1 of the allowed signers cannot be used: write who/],
    [{ tags: 'require', allowedSignersFile: 'signers' }, /names files, and this document has none beside it/],
    [{ tags: 'require', gpgKeyFiles: ['ada.asc'] }, /names files, and this document has none beside it/],
    [{ tags: 'require', gpgKeys: ['AAAA'] }, /gpgKeys\[0\] is no armored public key/],
    [
      { tags: 'require', gpgKeys: [PGP, PGP.replaceAll('PUBLIC', 'PRIVATE')] },
      /gpgKeys\[1\] is no armored public key/,
    ],
  ])('is refused with the next move where it cannot be used: %j', ([verify, words]) => {
    expect(flawOf(verify)).toMatch(words as RegExp)
  })
})
