import { describe, expect, it } from 'vitest'
import type { SourceConfig } from '../../../controller/configuration/config.ts'
import { type LayoutInForce, refine } from '../../../controller/prompts/layout.ts'
import { branchLayout, layoutEntry, tagLayout } from '../../../controller/prompts/read-layout.ts'
import { LAYOUT_FILE, parseRepositoryLayout } from '../../../controller/prompts/repository-layout.ts'
import { SourceError } from '../../../controller/source/git-source.ts'
import type { Oid } from '../../../controller/source/oid.ts'
import { unlessMissing } from '../../../controller/source/source-error.ts'
import { GLOB_LIMITS } from '../../../controller/values/glob-alternatives.ts'
import { sourceConfig } from '../../support/controller.ts'
import { blobOf, type MemoryFile, memorySnapshot } from '../../support/memory-snapshot.ts'

const COMMIT = 'c'.repeat(40)
const EARLIER = 'e'.repeat(40)
const PLATFORM = { directories: ['prompts'], include: ['**/*.txt'], exclude: ['x/**'], idPrefix: 'team/' }
const source = (different: Partial<SourceConfig> = {}): SourceConfig => ({
  ...sourceConfig({ name: 'demo', repository: '/repository', ...PLATFORM }),
  ...different,
})

const OWN = 'directories: [src]\n'
const LAST = 'directories: [old]\nfrontMatter: false\n'
const BROKEN = 'directories: [\n'

/** A branch with this layout file, in a repository that still has the last valid one. */
function repositoryWith(file: MemoryFile | undefined) {
  const files = file === undefined ? {} : { [LAYOUT_FILE]: file }
  return memorySnapshot({ [COMMIT]: { 'README.md': 'readme', ...files }, [EARLIER]: { [LAYOUT_FILE]: LAST } })
}

const SCOPE = { directories: [''], files: [], maxFiles: 100 }

interface Circumstances {
  readonly remembered?: LayoutInForce['from']
  readonly settings?: Partial<SourceConfig>
  readonly gone?: readonly Oid[]
}

async function onBranch(file: MemoryFile | undefined, circumstances: Circumstances = {}) {
  const { remembered = null, settings = {}, gone = [] } = circumstances
  const snapshot = repositoryWith(file)
  for (const oid of gone) snapshot.gone.add(oid)
  const entries = await snapshot.tree(COMMIT, SCOPE)
  const input = { source: source(settings), snapshot, commit: COMMIT, entries, remembered }
  return { layout: await branchLayout(input), asked: snapshot.asked }
}

async function atTag(file: MemoryFile | undefined, settings: Partial<SourceConfig> = {}) {
  const snapshot = repositoryWith(file)
  const entries = await snapshot.tree(COMMIT, SCOPE)
  return await tagLayout(source(settings), snapshot, COMMIT, entries)
}

const REMEMBERED = { commit: EARLIER, blob: blobOf(LAST) }

describe('the layout of the branch', () => {
  it("is the platform's if the repository has none", async () => {
    const { layout, asked } = await onBranch(undefined, { remembered: REMEMBERED })
    expect(layout).toMatchObject({ layout: PLATFORM, frontMatter: true, from: null, problem: null })
    expect(asked.blobs).toEqual([])
  })

  it("is the platform's if the repository's is not read", async () => {
    const { layout, asked } = await onBranch(OWN, { settings: { repositoryLayout: false } })
    expect(layout).toMatchObject({ layout: PLATFORM, from: null, problem: null })
    expect(asked.blobs).toEqual([])
  })

  it("is the repository's own, and each key that it has replaces the platform's", async () => {
    const { layout } = await onBranch(OWN, { remembered: REMEMBERED })
    expect(layout).toMatchObject({
      layout: { ...PLATFORM, directories: ['src'] },
      frontMatter: true,
      from: { commit: COMMIT, blob: blobOf(OWN) },
      problem: null,
    })
    const all = 'directories: [a]\ninclude: ["*.md"]\nexclude: ["x"]\nfrontMatter: false\n'
    expect((await onBranch(all)).layout).toMatchObject({
      layout: { directories: ['a'], include: ['*.md'], exclude: ['x'], idPrefix: 'team/' },
      frontMatter: false,
    })
    expect((await onBranch('exclude: []\n')).layout.layout.exclude).toEqual([])
  })

  it('is the last valid one while it is invalid', async () => {
    const { layout } = await onBranch(BROKEN, { remembered: REMEMBERED })
    expect(layout).toMatchObject({
      layout: { ...PLATFORM, directories: ['old'] },
      frontMatter: false,
      from: REMEMBERED,
    })
    expect(layout.problem).toMatch(
      /^\.promptctl\.yaml is not valid YAML: .+\. The layout at eeeeeeeeeeee stays in force\.$/,
    )
  })

  it.each<[what: string, circumstances: Circumstances]>([
    ['no layout was valid before', {}],
    ['the last valid one is gone', { remembered: REMEMBERED, gone: [blobOf(LAST)] }],
    [
      'the last one is no longer valid',
      { remembered: { commit: EARLIER, blob: blobOf('readme') }, settings: {} },
    ],
  ])("is the platform's if it is invalid and %s", async (_what, circumstances) => {
    const { layout } = await onBranch(BROKEN, circumstances)
    expect(layout).toMatchObject({ layout: PLATFORM, from: null })
    expect(layout.problem).toMatch(/ The platform's layout is in force\.$/)
  })

  it('cannot be read if the file is gone', async () => {
    await expect(onBranch(OWN, { gone: [blobOf(OWN)] })).rejects.toMatchObject({ code: 'object_missing' })
  })
})

describe("the layout of a release tag's commit", () => {
  it("is its own, regardless of the branch's", async () => {
    expect(await atTag(OWN)).toMatchObject({
      layout: { ...PLATFORM, directories: ['src'] },
      from: { commit: COMMIT, blob: blobOf(OWN) },
      problem: null,
    })
  })

  it("is the platform's if it has none or it is not read", async () => {
    for (const layout of [await atTag(undefined), await atTag(OWN, { repositoryLayout: false })])
      expect(layout).toMatchObject({ layout: PLATFORM, from: null, problem: null })
  })

  it("is the platform's if it is invalid", async () => {
    const layout = await atTag(BROKEN)
    expect(layout).toMatchObject({ layout: PLATFORM, from: null })
    expect(layout.problem).toMatch(/ The platform's layout is in force for this tag\.$/)
  })
})

describe('an invalid layout file', () => {
  const patterns = (count: number, length: number) =>
    `include: [${Array.from({ length: count }, () => 'a'.repeat(length)).join(', ')}]`

  it.each<[what: string, file: MemoryFile, problem: RegExp]>([
    [
      'a link',
      { symlink: 'other.yaml' },
      /^\.promptctl\.yaml is not a regular file\. Commit the file itself\./,
    ],
    ['a submodule', { submodule: COMMIT }, /^\.promptctl\.yaml is not a regular file\./],
    ['another encoding', Buffer.from('# caf\xe9\n', 'latin1'), /is not valid UTF-8\. Save it as UTF-8\./],
    ['too many bytes', `#${'x'.repeat(65_536)}`, /has 65537 bytes; at most 65536 are allowed\./],
    ['broken YAML', BROKEN, /is not valid YAML: /],
    ['a list', '- prompts\n', /the document: /],
    ['an unknown key', 'dirs: [a]\n', /"dirs"/],
    ["a key that is the platform's", 'requireReachable: false\n', /"requireReachable"/],
    ['a directory outside', 'directories: [../secrets]\n', /"\.\.\/secrets" is not inside the repository/],
    ['an absolute directory', 'directories: [/etc]\n', /"\/etc" is not inside the repository/],
    ['no directory', 'directories: []\n', /directories: /],
    ['a glob that does not close', 'include: ["{a"]\n', /include\[0\]: .*never closed/],
    ['a group', 'exclude: ["(a+)+b"]\n', /exclude\[0\]: Groups such as/],
    [
      'a long description',
      `prompts: { a: { description: ${'x'.repeat(2049)} } }\n`,
      /prompts\.a\.description/,
    ],
    ['an empty tag', 'prompts: { a: { tags: [""] } }\n', /prompts\.a\.tags\[0\]/],
    [
      'too many directories',
      `directories: [${Array.from({ length: 101 }, (_, index) => `d${index}`).join(', ')}]\n`,
      /directories: There are 101 directories; at most 100 are allowed\. Use a common parent directory\./,
    ],
    [
      'a directory with a long path',
      `directories: [${'a/'.repeat(512)}bc]\n`,
      /directories: The directory "a\/a\/.+…" has 1026 characters; at most 1024 are allowed\./,
    ],
    [
      'too many patterns',
      patterns(41, 100),
      /include: The patterns expand to 4141 characters together; at most 4096 are allowed\. Use fewer of them\./,
    ],
    [
      'braces that expand to too much together',
      `exclude: [${Array.from({ length: 5 }, () => `"{${'a,'.repeat(240)}a}${'b'.repeat(3)}"`).join(', ')}]`,
      /exclude: The patterns expand to \d+ characters together/,
    ],
  ])('is reported with its reason: %s', async (_what, file, problem) => {
    expect((await onBranch(file)).layout.problem).toMatch(problem)
    expect((await atTag(file)).problem).toMatch(problem)
  })

  it('becomes valid at the limits', () => {
    expect(() => parseRepositoryLayout(patterns(40, 100))).not.toThrow()
    expect(40 * 101).toBeLessThanOrEqual(GLOB_LIMITS.list)
    const directories = Array.from({ length: 100 }, (_, index) => `d${index}`)
    expect(parseRepositoryLayout(`directories: [${directories.join(', ')}]`).directories).toHaveLength(100)
    expect(() => parseRepositoryLayout(`directories: [${'a/'.repeat(511)}bc]`)).not.toThrow()
  })

  it('does not include an empty one, or keys without entries', () => {
    for (const text of ['', '# nothing\n', 'prompts:\n', 'directories:\n  # - src\n'])
      expect(parseRepositoryLayout(text)).toEqual({})
  })

  it('counts only at the root', async () => {
    const snapshot = memorySnapshot({ [COMMIT]: { [`prompts/${LAYOUT_FILE}`]: OWN } })
    expect(layoutEntry(source(), await snapshot.tree(COMMIT, SCOPE))).toBeUndefined()
  })
})

describe('the additions of a layout', () => {
  const ADDED = { 'prompts/a.txt': { tags: ['path'] }, 'team/a': { tags: ['id'] }, b: { tags: ['short'] } }
  const layout = refine(source(), { prompts: ADDED }, null)

  it.each([
    ['team/a', 'prompts/a.txt', ['path']],
    ['team/a', 'prompts/a.md', ['id']],
    ['team/b', 'prompts/b.md', ['short']],
    ['b', 'elsewhere/b.md', ['short']],
  ])('match %s at %s by path, id, or id without the prefix', (id, path, tags) => {
    expect(layout.additionsFor(id, path)).toEqual({ tags })
  })

  it('are empty for any other prompt', () => {
    expect(layout.additionsFor('team/c', 'prompts/c.txt')).toEqual({})
    expect(layout.additionsFor('team/team/a', 'prompts/team/a.txt')).toEqual({ tags: ['id'] })
    expect(refine(source(), {}, null).additionsFor('team/a', 'prompts/a.txt')).toEqual({})
  })

  it('are empty for names that every JavaScript object has', () => {
    for (const name of ['constructor', 'toString', '__proto__'])
      expect(layout.additionsFor(`team/${name}`, `prompts/${name}.txt`)).toEqual({})
  })

  it('are unknown names if no file of the tree has the path or the id', () => {
    const unknown = (files: Record<string, string>) => layout.unknownNames(new Map(Object.entries(files)))
    expect(unknown({})).toEqual(['prompts/a.txt', 'team/a', 'b'])
    expect(unknown({ 'prompts/a.md': 'team/a' })).toEqual(['prompts/a.txt', 'b'])
    expect(unknown({ 'prompts/a.txt': 'team/a', 'prompts/b.txt': 'team/b' })).toEqual([])
  })
})

describe('a read of an object that may be missing', () => {
  it('returns null only if that is the reason', async () => {
    const reject = (code: 'object_missing' | 'unreachable') => Promise.reject(new SourceError(code, 'It is.'))
    expect(await unlessMissing(Promise.resolve(1))).toBe(1)
    expect(await unlessMissing(reject('object_missing'))).toBeNull()
    await expect(unlessMissing(reject('unreachable'))).rejects.toMatchObject({ code: 'unreachable' })
    await expect(unlessMissing(Promise.reject(new TypeError('x')))).rejects.toThrow(TypeError)
  })
})
