import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../api/contract/limits.ts'
import { canonicalJson, sha256 } from '../../../api/contract/version.ts'
import { type FileToRead, fileToRead } from '../../../controller/prompts/file-to-read.ts'
import { refine } from '../../../controller/prompts/layout.ts'
import { FileReadings, splitBlob } from '../../../controller/prompts/read-files.ts'
import type { RepositoryLayout } from '../../../controller/prompts/repository-layout.ts'
import { sourceConfig } from '../../support/controller.ts'
import { blobOf, type MemorySnapshot, memorySnapshot } from '../../support/memory-snapshot.ts'

const COMMIT = 'c'.repeat(40)
const SOURCE = sourceConfig({ name: 'demo', repository: '/repository' })
const laidOut = (layout: RepositoryLayout = {}) => refine(SOURCE, layout, null)

const fileOf = (path: string, text: string | Uint8Array, layout = laidOut()): FileToRead =>
  fileToRead({ id: path.replace(/\.[^.]+$/, ''), path, blob: blobOf(text) }, layout)

const holding = (...texts: (string | Uint8Array)[]): MemorySnapshot =>
  memorySnapshot({ [COMMIT]: Object.fromEntries(texts.map((text, index) => [`${index}`, text])) })

async function readOne(text: string | Uint8Array, { path = 'a.txt', layout = laidOut() } = {}) {
  const file = fileOf(path, text, layout)
  const readings = new FileReadings()
  await readings.add(holding(text), [file])
  return {
    version: readings.versionOf(file, COMMIT),
    problem: readings.problemOf(file),
    notices: readings.noticesOf(file).map(({ code }) => code),
  }
}

async function identityOf(text: string, layout: RepositoryLayout = {}, path = 'a.txt') {
  return (await readOne(text, { path, layout: laidOut(layout) })).version?.identity
}

const MATTER = '---\ndescription: d\ntags: [a]\nvariables: { name: {} }\nmodel: m\n---\nbody'

describe('a file as a version', () => {
  it('has the SHA-256 of the file as its identity, and the first 12 digits as its label', async () => {
    const { version } = await readOne(MATTER, { path: 'a.md' })
    expect(version).toEqual({
      id: 'a',
      path: 'a.md',
      blob: blobOf(MATTER),
      commit: COMMIT,
      format: 'front-matter',
      templateLanguage: null,
      contentStart: MATTER.length - 'body'.length,
      additions: null,
      identity: sha256(MATTER),
      version: sha256(MATTER).slice(0, 12),
      contentSha256: sha256('body'),
      payloadSha256: sha256(
        canonicalJson({ content: 'body', variables: { name: {} }, config: { model: 'm' } }),
      ),
      inputs: [{ name: 'name', type: 'any', required: true }],
      description: 'd',
      tags: ['a'],
      unsafe: [],
    })
  })

  it('changes with any byte of the file, while content and payload hash only what the model gets', async () => {
    const [one, other] = await Promise.all([
      readOne('---\ndescription: one\n---\nbody'),
      readOne('---\ndescription: other\n---\nbody'),
    ])
    expect(one.version?.identity).not.toBe(other.version?.identity)
    expect(one.version?.payloadSha256).toBe(other.version?.payloadSha256)
    expect(one.version?.contentSha256).toBe(sha256('body'))
  })

  it('is the same under another name and at another commit', async () => {
    const [a, b] = [fileOf('a.txt', 'text'), fileOf('b/c.md', 'text')]
    const readings = new FileReadings()
    await readings.add(holding('text'), [a, b])
    const versions = [readings.versionOf(a, COMMIT), readings.versionOf(b, 'd'.repeat(40))]
    expect(versions.map((version) => version?.identity)).toEqual([sha256('text'), sha256('text')])
    expect(versions.map((version) => version?.commit[0])).toEqual(['c', 'd'])
  })

  it('keeps its front matter as content if the layout turns front matter off', async () => {
    const { version } = await readOne(MATTER, { layout: laidOut({ frontMatter: false }) })
    expect(version).toMatchObject({
      contentStart: 0,
      format: 'text',
      identity: sha256(MATTER),
      contentSha256: sha256(MATTER),
    })
  })

  it.each([
    ['a.md', 'text'],
    ['a.prompt', 'dotprompt'],
    ['a.PROMPTY', 'prompty'],
  ])('named %s has the format %s', async (path, format) => {
    expect((await readOne('text', { path })).version).toMatchObject({ format })
    const layout = laidOut({ frontMatter: false })
    expect((await readOne('text', { path, layout })).version).toMatchObject({ format })
  })
})

describe("the layout's addition to a file", () => {
  const tagged = { prompts: { a: { tags: ['t'] } } }

  it('makes it another version, identified by the file and the additions', async () => {
    const added = (additions: object) =>
      sha256(canonicalJson({ file_sha256: sha256('text'), additions: { ...additions } }))
    expect(await identityOf('text', tagged)).toBe(added({ tags: ['t'] }))
    const both = { description: 'd', tags: ['t', 'u'] }
    expect(await identityOf('text', { prompts: { a: both } })).toBe(added(both))
    expect(await identityOf('text', { prompts: { b: both } })).toBe(sha256('text'))
  })

  it('is separate for each prompt, although the blob is read once', async () => {
    const layout = laidOut(tagged)
    const [a, b] = [fileOf('a.txt', 'text', layout), fileOf('b.txt', 'text', layout)]
    const readings = new FileReadings()
    await readings.add(holding('text'), [a, b])
    expect(readings.versionOf(a, COMMIT)?.additions).toEqual({ tags: ['t'] })
    expect(readings.versionOf(b, COMMIT)?.additions).toBeNull()
  })

  it('is ignored if the file has its own', async () => {
    const text = '---\ndescription: own\n---\nbody'
    expect(await identityOf(text, { prompts: { a: { description: 'd' } } })).toBe(sha256(text))
    expect(await identityOf(text, { prompts: { a: { description: 'd', tags: ['t'] } } })).toBe(
      sha256(canonicalJson({ file_sha256: sha256(text), additions: { tags: ['t'] } })),
    )
  })

  it.each([{}, { description: '' }, { tags: [] }, { description: '', tags: [] }])(
    'does not count if it is nothing: %j',
    async (nothing) => {
      expect(await identityOf('text', { prompts: { a: nothing } })).toBe(sha256('text'))
    },
  )

  it('matches by path first, then by id', async () => {
    const prompts = { 'a.txt': { tags: ['path'] }, a: { tags: ['id'] } }
    const of = async (path: string) =>
      (await readOne('text', { path, layout: laidOut({ prompts }) })).version?.additions
    expect(await of('a.txt')).toEqual({ tags: ['path'] })
    expect(await of('a.md')).toEqual({ tags: ['id'] })
  })
})

describe('a file that cannot become a version', () => {
  const large = 'x'.repeat(LIMITS.fileBytes + 1)
  it.each<[code: string, text: string | Uint8Array, message: string]>([
    ['content_empty', '', 'The file has no content.'],
    ['content_empty', '---\ndescription: d\n---\n', 'The file has no content.'],
    ['nul_character', 'a\0b', 'The file has a NUL character'],
    ['not_utf8', Buffer.from([0x61, 0xff]), 'bytes that are not UTF-8'],
    ['not_utf8', Buffer.from('\uFEFFab', 'utf16le'), 'The file is UTF-16'],
    ['lfs_pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 3\n', 'Git LFS pointer'],
    ['content_too_large', 'x'.repeat(LIMITS.contentBytes + 1), '262145 bytes'],
    ['file_too_large', large, `The file has ${large.length} bytes; at most ${LIMITS.fileBytes} are allowed.`],
    ['front_matter_not_yaml', '---\na: [\n---\nbody', 'never closed'],
    ['front_matter_too_large', `---\na: ${'x'.repeat(LIMITS.frontMatterBytes)}\n---\nbody`, '40960'],
  ])('has the problem %s, and no version', async (code, text, message) => {
    const { version, problem } = await readOne(text)
    expect(version).toBeNull()
    expect(problem).toMatchObject({ code, message: expect.stringContaining(message) })
  })

  it('can become one at the exact limit', async () => {
    const text = `---\ndescription: d\n---\n${'é'.repeat(LIMITS.contentBytes / 2)}`
    expect(await readOne(text)).toMatchObject({ problem: undefined, version: { identity: sha256(text) } })
  })

  it('has no text to push', () => {
    expect(splitBlob({ tooLarge: 400_000 }, { contentStart: 0 })).toBeUndefined()
    expect(splitBlob({ bytes: new Uint8Array([0xff]) }, { contentStart: 0 })).toBeUndefined()
  })
})

describe('the notices of a file', () => {
  it('exist for a version, but not for a problem', async () => {
    expect((await readOne('---\nglobs: **/*.ts\n---\nbody')).notices).toEqual(['key_repaired'])
    expect((await readOne('text\n')).notices).toEqual([])
    expect((await readOne('---\nglobs: **/*.ts\n---\n')).notices).toEqual([])
  })
})

describe('the readings of files', () => {
  it('read each blob once, in one request, even if many files have it', async () => {
    const snapshot = holding('one', 'two')
    const readings = new FileReadings()
    const files = [fileOf('a.txt', 'one'), fileOf('b.md', 'one'), fileOf('c.txt', 'two')]
    await readings.add(snapshot, files)
    expect(snapshot.asked).toMatchObject({ blobs: [blobOf('one'), blobOf('two')], blobRequests: 1 })
    await readings.add(snapshot, [...files, fileOf('d/e.txt', 'two')])
    expect(snapshot.asked.blobRequests).toBe(1)
  })

  it('read a blob again only in another way', async () => {
    const snapshot = holding(MATTER)
    const readings = new FileReadings()
    const whole = laidOut({ frontMatter: false })
    const asked = async (path: string, layout = laidOut()) => {
      await readings.add(snapshot, [fileOf(path, MATTER, layout)])
      return snapshot.asked.blobs.length
    }
    expect(await asked('a.txt')).toBe(1)
    expect(await asked('a.md')).toBe(1)
    expect(await asked('a.txt', laidOut({ prompts: { a: { tags: ['t'] } } }))).toBe(1)
    expect(await asked('a.prompt')).toBe(2)
    expect(await asked('a.txt', whole)).toBe(3)
    expect(await asked('b.md', whole)).toBe(3)
    expect(await asked('a.prompt', whole)).toBe(4)
    expect(await asked('a.prompty')).toBe(5)
  })

  it('distinguish the ways to read a blob, even within one request', async () => {
    const text = '# a comment\n---\nmodel: m\n---\nbody'
    const files = [
      fileOf('a.md', text),
      fileOf('a.prompt', text),
      fileOf('b.prompt', text, laidOut({ frontMatter: false })),
      fileOf('b.txt', text, laidOut({ frontMatter: false })),
    ]
    const readings = new FileReadings()
    const snapshot = holding(text)
    await readings.add(snapshot, files)
    expect(snapshot.asked.blobs).toHaveLength(1)
    const versions = files.map((file) => readings.versionOf(file, COMMIT))
    expect(versions.map((version) => version?.format)).toEqual(['text', 'dotprompt', 'dotprompt', 'text'])
    expect(versions.map((version) => version?.contentSha256)).toEqual(
      [text, 'body', text, text].map((content) => sha256(content)),
    )
  })

  it('make no request if there is nothing to read', async () => {
    const snapshot = holding()
    await new FileReadings().add(snapshot, [])
    expect(snapshot.asked.blobRequests).toBe(0)
  })

  it('have no result for a file that was not read', () => {
    const readings = new FileReadings()
    const file = fileOf('a.txt', 'text')
    expect([
      readings.has(file),
      readings.versionOf(file, COMMIT),
      readings.problemOf(file),
      readings.noticesOf(file),
    ]).toEqual([false, null, undefined, []])
  })

  it('reject if a blob is gone, and keep earlier results', async () => {
    const snapshot = holding('one', 'two')
    snapshot.gone.add(blobOf('two'))
    const readings = new FileReadings()
    const [one, two] = [fileOf('a.txt', 'one'), fileOf('b.txt', 'two')]
    await expect(readings.add(snapshot, [one, two])).rejects.toMatchObject({ code: 'object_missing' })
    expect([readings.has(one), readings.has(two)]).toEqual([true, false])
  })
})
