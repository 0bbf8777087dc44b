import { describe, expect, test } from 'vitest'
import type { PushRequest } from '../../../api/contract/registry-api.ts'
import { canonicalJson, payloadSha256, sha256 } from '../../../api/contract/version.ts'
import { makeRegistry, outcome } from '../../support/registry.ts'

const SKILL = '---\nname: tidy\n---\nTidy notes as references/style.md says.\n'
const LOGO = 'b'.repeat(64)

const textFile = (path: string, text: string) => {
  return { path, bytes: Buffer.byteLength(text), sha256: sha256(text), text }
}

function skill(files: PushRequest['files'], more: Partial<PushRequest> = {}): PushRequest {
  const at = SKILL.indexOf('Tidy')
  return {
    prompt_id: 'tidy/SKILL',
    front_matter: SKILL.slice(0, at),
    content: SKILL.slice(at),
    ...(files !== undefined && { files }),
    ...more,
  }
}

const FILES = [textFile('references/style.md', 'Be brief.\r\n'), { path: 'logo.png', bytes: 9, sha256: LOGO }]

describe('the files of a skill folder', () => {
  test('are part of the version, and its texts can be read', async () => {
    const { admin } = makeRegistry()
    const pushed = await admin.push(skill(FILES))
    const identity = sha256(
      canonicalJson({
        'SKILL.md': sha256(SKILL),
        'logo.png': LOGO,
        'references/style.md': sha256('Be brief.\r\n'),
      }),
    )
    expect(pushed).toMatchObject({ identity, version: identity.slice(0, 12), created: true })
    const prompt = await admin.resolve('tidy/SKILL', { mode: 'dev', include: 'file' })
    expect(prompt).toMatchObject({ file: SKILL, file_sha256: sha256(SKILL), identity })
    expect(prompt.files).toEqual([
      { path: 'logo.png', bytes: 9, sha256: LOGO, binary: true },
      { path: 'references/style.md', bytes: 11, sha256: sha256('Be brief.\r\n') },
    ])
    expect(await admin.resolve('tidy/SKILL', { mode: 'dev' })).not.toHaveProperty('files')
    expect(await admin.folderFile('tidy/SKILL', 'references/style.md', { mode: 'dev' })).toEqual({
      prompt_id: 'tidy/SKILL',
      ...FILES[0],
    })
    expect(await admin.push(skill([...FILES].reverse()))).toMatchObject({ identity, created: false })
  })

  test('make another version with another payload if one of them changes', async () => {
    const { admin } = makeRegistry()
    await admin.push(skill([textFile('a.md', 'one')], { version: 'v1' }))
    await admin.push(skill([textFile('a.md', 'two')], { version: 'v2' }))
    await admin.push(skill(undefined, { version: 'v3' }))
    await admin.promote('tidy/SKILL', { version: 'v1', alias: '1.0.0' })
    const file = async (ref: string, mode: string) => (await admin.folderFile(ref, 'a.md', { mode })).text
    expect(await file('tidy/SKILL', 'production')).toBe('one')
    expect(await file('tidy/SKILL@v2', 'dev')).toBe('two')
    expect(await outcome(admin.folderFile('tidy/SKILL@v2', 'a.md'))).toBe('not_released')
    expect(await outcome(admin.folderFile('tidy/SKILL@v3', 'a.md', { mode: 'dev' }))).toBe('not_found')
    const rows = (await admin.versions('tidy/SKILL')).versions
    expect(new Set(rows.map(({ identity }) => identity)).size).toBe(3)
    expect(rows.find(({ version }) => version === 'v3')?.identity).toBe(sha256(SKILL))
    await admin.revoke('tidy/SKILL', { version: 'v1', scope: 'version' })
    expect(await outcome(admin.folderFile('tidy/SKILL@1.0.0', 'a.md'))).toBe('revoked')
    const files = (text: string) => ({ content: '', files: [textFile('a.md', text)] })
    expect(payloadSha256(files('one'))).not.toBe(payloadSha256(files('two')))
  })

  test('are not found if they are missing or not text', async () => {
    const { admin } = makeRegistry()
    await admin.push(skill(FILES))
    await admin.push({ prompt_id: 'plain', content: 'text' })
    const refused = async (ref: string, path: string) =>
      await admin.folderFile(ref, path, { mode: 'dev' }).catch((error: unknown) => error)
    const code = 'not_found'
    const label = (await admin.resolve('tidy/SKILL', { mode: 'dev' })).version
    const missing = `Version ${label} of "tidy/SKILL" has no file "SKILL.md"; list its files with ?include=file.`
    expect(await refused('tidy/SKILL', 'SKILL.md')).toMatchObject({ code, message: missing })
    expect(await refused('tidy/SKILL', 'logo.png')).toMatchObject({
      code,
      message: expect.stringContaining('is not text, so the registry has only its digest'),
      details: { binary: true, sha256: LOGO },
    })
    expect(await refused('plain', 'a.md')).toMatchObject({
      code,
      message: expect.stringContaining('has no other files'),
    })
  })

  const long = 'x'.repeat(600 * 1024)
  const refused: readonly (readonly [string, NonNullable<PushRequest['files']>, string])[] = [
    ['a digest of another text', [{ ...textFile('a.md', 'one'), sha256: LOGO }], 'invalid_request'],
    ['another size than that of its text', [{ ...textFile('a.md', 'one'), bytes: 4 }], 'invalid_request'],
    ['the same path twice', [textFile('a.md', 'one'), textFile('a.md', 'one')], 'invalid_request'],
    ['the prompt file', [textFile('SKILL.md', SKILL)], 'invalid_request'],
    ['more than 1 MiB', [textFile('a', long), textFile('b', long)], 'too_large'],
  ]
  const ODD_PATHS = ['../a', '/a', 'a//b', './a', 'a\\b', 'a\u202Eb', 'a\nb', `${'a/'.repeat(300)}b`]
  const oddPaths = ODD_PATHS.map((path) => {
    return [`the path ${path.slice(0, 9)}`, [textFile(path, 'x')], 'invalid_request'] as const
  })
  test.each([...refused, ...oddPaths])('are refused with %s', async (_, files, code) => {
    const { admin } = makeRegistry()
    expect(await outcome(admin.push(skill([...files])))).toBe(code)
    expect((await admin.list()).prompts).toEqual([])
  })

  test('need a prompt file', async () => {
    const { admin } = makeRegistry()
    const push = admin.push({ prompt_id: 'p', content: 'text', files: [textFile('a.md', 'one')] })
    expect(await outcome(push)).toBe('invalid_request')
  })
})
