import { join } from 'node:path'
import { describe, expect, type TestContext, test } from 'vitest'
import type { TagRef } from '../../../controller/source/git-source.ts'
import { parseTagObject } from '../../../controller/source/tag-object.ts'
import { createTagVerifier, type Trust } from '../../../controller/verification/verify-tag.ts'
import { createRepository, type TestRepository } from '../../support/git-repository.ts'
import { gpgHome } from '../../support/gpg-home.ts'
import { scratchFolder } from '../../support/scratch.ts'
import { gitAgrees, signingMissing, signTag, sshKey } from '../../support/signing.ts'
import { skipWithout } from '../source/git-world.ts'

const NOBODY: Trust = { allowedSigners: '', gpgKeys: [] }

/** A repository with one commit. */
async function released(context: TestContext): Promise<TestRepository> {
  skipWithout(context, signingMissing())
  const repository = await createRepository(join(await scratchFolder(), 'repo'))
  await repository.commit({ 'prompts/a.txt': 'text' })
  return repository
}

/** Who signed, or why it is refused, by the bytes that git has. */
async function judge(repository: TestRepository, name: string, trust: Partial<Trust>): Promise<string> {
  const object = await repository.git('rev-parse', `refs/tags/${name}`)
  const commit = await repository.git('rev-parse', `refs/tags/${name}^{commit}`)
  const ref: TagRef = { name, commit, object }
  const verify = createTagVerifier({ ...NOBODY, ...trust })
  const verdict = await verify(
    ref,
    parseTagObject(await objectBytes(repository, object)).signature,
    Date.now(),
  )
  return verdict.verified ? `signed by ${verdict.signer}` : verdict.problem
}

async function objectBytes(repository: TestRepository, object: string): Promise<Buffer> {
  return Buffer.from(`${await repository.git('cat-file', 'tag', object)}\n`)
}

/** Puts other bytes in the place of a tag object. */
async function rewrite(repository: TestRepository, name: string, change: (text: string) => string) {
  const bytes = await objectBytes(repository, `refs/tags/${name}`)
  const write = ['hash-object', '-t', 'tag', '-w', '--stdin', '--literally']
  const object = await repository.gitWith(change(bytes.toString()), ...write)
  await repository.git('update-ref', `refs/tags/${name}`, object)
}

const TAMPERINGS: readonly [string, (text: string) => string][] = [
  ['another message', (text) => text.replace('release v1', 'release v2')],
  ['another tagger', (text) => text.replace('cleo@example.com', 'eve@example.com')],
  ['another time', (text) => text.replace(/ 17\d{8} /, ' 1700000000 ')],
  ['a line more', (text) => text.replace('-----BEGIN', 'more\n-----BEGIN')],
]

describe('a tag that is signed with SSH', () => {
  test('is verified if the key is allowed, as by git', async (context) => {
    const repository = await released(context)
    const key = await sshKey()
    const signers = `cleo@example.com ${key.publicKey}`
    await signTag(repository, 'v1', { key: key.path })
    expect(await judge(repository, 'v1', { allowedSigners: signers })).toBe('signed by cleo@example.com')
    expect(await gitAgrees(repository, 'v1', { signers })).toBe(true)
    const eve = `eve@example.com ${(await sshKey()).publicKey}`
    expect(await judge(repository, 'v1', { allowedSigners: eve })).toMatch(/not an allowed signer/)
    expect(await judge(repository, 'v1', {})).toMatch(/not an allowed signer/)
    expect(await gitAgrees(repository, 'v1', { signers: eve })).toBe(false)
  })

  // The repository's clock stands at the beginning of 2026.
  test.for([
    ['valid-before="20251201"', false, /had expired when it was signed/],
    ['valid-after="20260201"', false, /not valid yet when it was signed/],
    ['valid-after="20251201",valid-before="20260201"', true, /^signed by cleo/],
    ['namespaces="file"', false, /is not allowed to sign for git/],
  ] as const)('is judged by the time at which it was tagged: %s', async ([options, good, words], context) => {
    const repository = await released(context)
    const key = await sshKey()
    await signTag(repository, 'v1', { key: key.path })
    const signers = `cleo@example.com ${options} ${key.publicKey}`
    expect(await judge(repository, 'v1', { allowedSigners: signers })).toMatch(words)
    expect(await gitAgrees(repository, 'v1', { signers })).toBe(good)
  })

  test.for(TAMPERINGS)('is refused with %s, as by git', async ([, change], context) => {
    const repository = await released(context)
    const key = await sshKey()
    const signers = `cleo@example.com ${key.publicKey}`
    await signTag(repository, 'v1', { key: key.path })
    await rewrite(repository, 'v1', change)
    expect(await judge(repository, 'v1', { allowedSigners: signers })).toBe(
      'its signature does not match its content',
    )
    expect(await gitAgrees(repository, 'v1', { signers })).toBe(false)
  })
})

describe('a signed tag object', () => {
  test('is valid for its own name and commit only, although git accepts any', async (context) => {
    const repository = await released(context)
    const key = await sshKey()
    const signers = `cleo@example.com ${key.publicKey}`
    await signTag(repository, 'v1', { key: key.path })
    await repository.git('update-ref', 'refs/tags/v2', await repository.git('rev-parse', 'refs/tags/v1'))
    expect(await judge(repository, 'v2', { allowedSigners: signers })).toMatch(
      /^it was signed as the tag "v1"/,
    )
    expect(await gitAgrees(repository, 'v2', { signers })).toBe(true)

    await signTag(repository, 'nested', { key: key.path, at: 'v1' })
    expect(await judge(repository, 'nested', { allowedSigners: signers })).toMatch(/^it was signed for a tag/)

    const verify = createTagVerifier({ ...NOBODY, allowedSigners: signers })
    const { signature } = parseTagObject(await objectBytes(repository, 'refs/tags/v1'))
    const elsewhere = { name: 'v1', commit: '0'.repeat(40) }
    expect(await verify(elsewhere, signature, Date.now())).toMatchObject({
      verified: false,
      problem: expect.stringMatching(/^it was signed for another commit/),
    })
  })

  test('is refused with a reason if it is unsigned, malformed, or signed in an unknown format', async (context) => {
    const repository = await released(context)
    await repository.tag('v1', { annotated: true })
    expect(await judge(repository, 'v1', {})).toBe('it is not signed')
    const key = await sshKey()
    await signTag(repository, 'v2', { key: key.path })
    await rewrite(repository, 'v2', (text) => text.replaceAll(/SSH SIGNATURE/g, 'SIGNED MESSAGE'))
    expect(await judge(repository, 'v2', {})).toMatch(/^its signature format is not supported/)
    await signTag(repository, 'v3', { key: key.path })
    await rewrite(repository, 'v3', (text) => text.replace('tagger', 'extra x\ntagger'))
    expect(await judge(repository, 'v3', { allowedSigners: `a@x ${key.publicKey}` })).toBe(
      'its tag object is malformed',
    )
  })
})

describe('a tag that is signed with GnuPG', () => {
  test('is verified if the key is configured, as by git', async (context) => {
    const repository = await released(context)
    const home = await gpgHome()
    const key = await home.key('Cleo <cleo@example.com>')
    const gpg = await home.program()
    await signTag(repository, 'v1', { key, gpg })
    const gpgKeys = [await home.export(key)]
    expect(await judge(repository, 'v1', { gpgKeys })).toBe('signed by Cleo <cleo@example.com>')
    expect(await gitAgrees(repository, 'v1', { gpg })).toBe(true)
    const stranger = await home.export(await home.key('Eve <eve@example.com>'))
    expect(await judge(repository, 'v1', { gpgKeys: [stranger] })).toMatch(
      /^it is signed with the OpenPGP key [0-9A-F]{16},/,
    )
    expect(await judge(repository, 'v1', { gpgKeys: [stranger, ...gpgKeys] })).toMatch(/^signed by Cleo/)
    expect(await judge(repository, 'v1', { gpgKeys: [`${stranger}\n# Cleo\n${gpgKeys[0]}`] })).toMatch(
      /^signed by Cleo/,
    )
    const broken = gpgKeys.map((one) => one.replace(/\n[^-\n]{20}/, '\nAAAAAAAAAAAAAAAAAAAA'))
    expect(await judge(repository, 'v1', { gpgKeys: broken })).toBe(
      '"gpgKeys[0]" of the configuration cannot be read',
    )
  })

  test.for(TAMPERINGS)('is refused with %s, as by git', async ([, change], context) => {
    const repository = await released(context)
    const home = await gpgHome()
    const key = await home.key('Cleo <cleo@example.com>')
    const gpg = await home.program()
    await signTag(repository, 'v1', { key, gpg })
    await rewrite(repository, 'v1', change)
    const gpgKeys = [await home.export(key)]
    expect(await judge(repository, 'v1', { gpgKeys })).toBe('its signature does not match its content')
    expect(await gitAgrees(repository, 'v1', { gpg })).toBe(false)
  })

  test('is verified if a subkey signed it', async (context) => {
    const repository = await released(context)
    const home = await gpgHome()
    const key = await home.key('Cleo <cleo@example.com>')
    await home.gpg('--quick-add-key', key, 'rsa3072', 'sign')
    const gpg = await home.program()
    await signTag(repository, 'v1', { key, gpg })
    expect(await judge(repository, 'v1', { gpgKeys: [await home.export(key)] })).toMatch(/^signed by Cleo/)
    expect(await gitAgrees(repository, 'v1', { gpg })).toBe(true)
  })

  test('is refused if the key has expired since, and verified if it was extended', async (context) => {
    const repository = await released(context)
    const home = await gpgHome()
    const at = '20240101T120000'
    const key = await home.key('Cleo <cleo@example.com>', { expire: '1y', at })
    await signTag(repository, 'v1', {
      key,
      gpg: await home.program('--faked-system-time', '20240601T120000!'),
    })
    const gpg = await home.program()
    expect(await judge(repository, 'v1', { gpgKeys: [await home.export(key)] })).toMatch(
      /^the OpenPGP key of Cleo <cleo@example.com> has expired; extend it/,
    )
    expect(await gitAgrees(repository, 'v1', { gpg })).toBe(false)
    await home.gpg('--quick-set-expire', key, '0')
    expect(await judge(repository, 'v1', { gpgKeys: [await home.export(key)] })).toMatch(/^signed by Cleo/)
    expect(await gitAgrees(repository, 'v1', { gpg })).toBe(true)
  })

  test('is refused if the key was revoked since', async (context) => {
    const repository = await released(context)
    const home = await gpgHome()
    const key = await home.key('Cleo <cleo@example.com>')
    const gpg = await home.program()
    await signTag(repository, 'v1', { key, gpg })
    await home.revoke(key)
    expect(await judge(repository, 'v1', { gpgKeys: [await home.export(key)] })).toBe(
      'the OpenPGP key of Cleo <cleo@example.com> was revoked',
    )
    expect(await gitAgrees(repository, 'v1', { gpg })).toBe(false)
  })

  test.for([
    ['two signatures', (other: string) => ['-u', other], 'it must have exactly one signature', false],
    ['a signature in text mode', () => ['--textmode'], /^its signature is in text mode/, true],
  ] as const)('is refused with %s', async ([, options, words, good], context) => {
    const repository = await released(context)
    const home = await gpgHome()
    const [key, other] = [await home.key('Cleo <cleo@example.com>'), await home.key('Ada <ada@example.com>')]
    await signTag(repository, 'v1', { key, gpg: await home.program(...options(other)) })
    const gpgKeys = [await home.export(key), await home.export(other)]
    expect(await judge(repository, 'v1', { gpgKeys })).toMatch(words)
    // gpg also accepts signatures in text mode, but a tag is binary.
    expect(await gitAgrees(repository, 'v1', { gpg: await home.program() })).toBe(good)
  })

  test('is verified if the clock of the signer is ahead', async (context) => {
    const repository = await released(context)
    const home = await gpgHome()
    const key = await home.key('Cleo <cleo@example.com>', { at: '20250101T120000' })
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString().replaceAll(/[-:]|\..*/g, '')
    await signTag(repository, 'v1', { key, gpg: await home.program('--faked-system-time', `${inAnHour}!`) })
    expect(await judge(repository, 'v1', { gpgKeys: [await home.export(key)] })).toMatch(/^signed by Cleo/)
  })
})
