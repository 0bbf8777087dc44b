import { describe, expect, it } from 'vitest'
import {
  type LaidOutTree,
  type ReleaseFiles,
  readReleaseFiles,
} from '../../../controller/pass/release-files.ts'
import type { FileToRead } from '../../../controller/prompts/file-to-read.ts'
import { refine } from '../../../controller/prompts/layout.ts'
import { createTreeReader } from '../../../controller/prompts/read-tree.ts'
import type { CandidateTag } from '../../../controller/releases/classify-tags.ts'
import type { TreeEntry } from '../../../controller/source/git-source.ts'
import { readTag } from '../../../controller/values/release-patterns.ts'
import { sourceConfig } from '../../support/controller.ts'

type Listed = string | readonly [path: string, mode: TreeEntry['mode']]

interface Case {
  /** The files of each tag's commit; `null` if the commit is gone, a clause if it cannot be read. */
  readonly tags: Readonly<Record<string, readonly Listed[] | string | null>>
  /** Tags that counted before, in order. */
  readonly ledger?: readonly string[]
  /** Tags that were moved or deleted since. */
  readonly unlisted?: readonly string[]
  /** Files that cannot become a version: `path` at `tag`. */
  readonly broken?: readonly string[]
  readonly most?: number
  readonly settings?: object
  readonly problem?: string
}

/** A tree whose blobs contain the tag. */
function treeOf(
  tag: string,
  files: readonly Listed[],
  problem: string | null,
  settings: object,
): LaidOutTree {
  const source = sourceOf(settings)
  const layout = refine(source, {}, null, problem)
  const entries = files.map((listed): TreeEntry => {
    const [path, mode] = typeof listed === 'string' ? [listed, '100644' as const] : listed
    return { path, mode, oid: `${path} at ${tag}` }
  })
  return { tree: createTreeReader(layout.layout)(entries), layout, layoutBlob: null }
}

const sourceOf = (settings: object) => sourceConfig({ name: 'demo', repository: '/repository', ...settings })

async function read(input: Case): Promise<ReleaseFiles> {
  const { tags, ledger = [], unlisted = [], broken = [], most = 20, settings = {}, problem = null } = input
  const source = sourceOf(settings)
  const releaseTags = Object.keys(tags).map((tag): CandidateTag => {
    const place = ledger.indexOf(tag)
    const { readings } = readTag(tag, source.releases)
    const listed = !unlisted.includes(tag)
    return {
      tag,
      commit: `commit of ${tag}`,
      object: null,
      readings,
      place: place < 0 ? null : place,
      listed,
    }
  })
  const treeAt = async ({ tag }: CandidateTag) => {
    const files = tags[tag] ?? null
    return files === null || typeof files === 'string' ? files : treeOf(tag, files, problem, settings)
  }
  const isBroken = ({ blob }: FileToRead) => broken.includes(blob)
  return await readReleaseFiles(source, () => most, releaseTags, treeAt, isBroken)
}

/** The tags of each prompt's files. */
const filesOf = ({ files }: ReleaseFiles) =>
  Object.fromEntries([...files].map(([id, all]) => [id, all.map(({ tag }) => tag.tag)]))

const A = ['prompts/a.txt']
const AB = ['prompts/a.txt', 'prompts/b.txt']
const v = (...minors: number[]) => minors.map((minor) => `v1.${minor}.0`)
const each = (tags: readonly string[], files: readonly Listed[]) =>
  Object.fromEntries(tags.map((tag) => [tag, files]))

describe('the files of releases', () => {
  it('are those of each prompt that a tag covers, newest first', async () => {
    const found = await read({ tags: { 'v1.9.0': AB, 'v1.10.0': A, 'b@2.0.0': AB, 'a/v0.1.0': AB } })
    expect(filesOf(found)).toEqual({ a: ['v1.10.0', 'v1.9.0', 'a/v0.1.0'], b: ['b@2.0.0', 'v1.9.0'] })
    expect(found.files.get('b')?.[0]).toMatchObject({
      id: 'b',
      path: 'prompts/b.txt',
      blob: 'prompts/b.txt at b@2.0.0',
      tag: { tag: 'b@2.0.0', commit: 'commit of b@2.0.0', coverage: { release: '2.0.0', id: 'b' } },
    })
  })

  it('come with what is wrong with the layout of their commit', async () => {
    const found = await read({ tags: { 'v1.0.0': A }, problem: 'It is wrong.' })
    expect(found.findings).toEqual([
      {
        code: 'tag_layout_invalid',
        subject: { kind: 'tag', name: 'v1.0.0' },
        message: 'At the commit of tag v1.0.0: It is wrong.',
      },
    ])
  })

  it('start with the tag that counted first among those of one release', async () => {
    const patterns = { releases: ['v{version}', '{version}'] }
    const tags = { 'v1.0.0': A, '1.0.0': A }
    expect(filesOf(await read({ tags, settings: patterns }))).toEqual({ a: ['1.0.0', 'v1.0.0'] })
    expect(filesOf(await read({ tags, settings: patterns, ledger: ['v1.0.0'] }))).toEqual({
      a: ['v1.0.0', '1.0.0'],
    })
  })

  it('are sorted by the release that each tag has in its tree', async () => {
    const settings = { releases: ['{version}-{id}', '{version}'] }
    // As the first pattern reads it, it would be release 2.0.0 of rc.
    const found = await read({ tags: { '2.0.0-rc': A, '2.0.0': A, '1.0.0': A }, settings })
    expect(filesOf(found)).toEqual({ a: ['2.0.0', '2.0.0-rc', '1.0.0'] })
  })
})

describe('the files kept of each prompt', () => {
  it('are those of its newest releases, and it is known if there are older ones', async () => {
    const found = await read({ tags: { ...each(v(1, 2, 3, 4), A), 'v1.5.0': AB }, most: 2 })
    expect(filesOf(found)).toEqual({ a: v(5, 4), b: v(5) })
    expect([...found.cut]).toEqual(['a'])
    expect((await read({ tags: each(v(1, 2), A), most: 2 })).cut.size).toBe(0)
  })

  it('count tags of one release once', async () => {
    const tags = { 'v1.2.0': A, 'a@1.2.0': A, 'a/v1.2.0': A, 'v1.1.0': A, 'v1.0.0': A }
    expect(filesOf(await read({ tags, most: 2 }))).toEqual({ a: ['a/v1.2.0', 'a@1.2.0', 'v1.2.0', 'v1.1.0'] })
    expect(filesOf(await read({ tags, most: 1 }))).toEqual({ a: ['a/v1.2.0', 'a@1.2.0', 'v1.2.0'] })
  })

  it('count tags that differ only in build metadata once', async () => {
    const found = await read({ tags: each(['v1.2.0+a', 'v1.2.0+b', 'v1.1.0'], A), most: 1 })
    expect(filesOf(found)).toEqual({ a: ['v1.2.0+a', 'v1.2.0+b'] })
    expect([...found.cutTags]).toEqual(['v1.1.0'])
  })

  it('include the newest one that can be promoted, even if many pre-releases are newer', async () => {
    const tags = each(['v2.0.0-rc.3', 'v2.0.0-rc.2', 'v2.0.0-rc.1', ...v(1, 0)], A)
    expect(filesOf(await read({ tags, most: 2 }))).toEqual({ a: ['v2.0.0-rc.3', 'v2.0.0-rc.2', 'v1.1.0'] })
    expect(filesOf(await read({ tags, most: 2, settings: { prereleases: true } }))).toEqual({
      a: ['v2.0.0-rc.3', 'v2.0.0-rc.2'],
    })
  })

  it('are only the newest one if no older ones are wanted', async () => {
    expect(filesOf(await read({ tags: each(v(1, 2, 3), A), most: 0 }))).toEqual({ a: v(3) })
  })

  it('include those of tags no longer listed, which do not count towards the limit', async () => {
    const found = await read({
      tags: each(v(1, 2, 3, 4), A),
      ledger: v(1, 2, 3, 4),
      unlisted: v(4, 2),
      most: 2,
    })
    expect(filesOf(found)).toEqual({ a: v(4, 3, 2, 1) })
  })

  it('include those that cannot become a version, which do not count towards the limit', async () => {
    const broken = v(4, 1).map((tag) => `prompts/a.txt at ${tag}`)
    const found = await read({ tags: each(v(0, 1, 2, 3, 4, 5), A), broken, most: 2 })
    expect(filesOf(found)).toEqual({ a: v(5, 4, 3) })
    expect([...found.cut]).toEqual(['a'])
    expect(filesOf(await read({ tags: each(v(0, 1, 2, 3, 4, 5), A), broken, most: 4 }))).toEqual({
      a: v(5, 4, 3, 2, 1, 0),
    })
  })

  it('include an older one to promote if the newest final release cannot become a version', async () => {
    const tags = each(['v2.0.0-rc.1', ...v(2, 1, 0)], A)
    const broken = ['prompts/a.txt at v1.2.0']
    expect(filesOf(await read({ tags, broken, most: 1 }))).toEqual({ a: ['v2.0.0-rc.1', ...v(2, 1)] })
  })
})

describe('a new tag counts', () => {
  it('as soon as its tree can be read and it covers something in it', async () => {
    const tags = {
      'v1.0.0': A,
      'v0.1.0': [],
      'a@1.0.0': A,
      'c@1.0.0': A,
      'v3.0.0': null,
      'v4.0.0': 'it is too large',
    }
    const { counted } = await read({ tags })
    expect(counted.map(({ tag }) => tag)).toEqual(['a@1.0.0', 'v1.0.0', 'v0.1.0'])
  })

  it('but only once', async () => {
    expect((await read({ tags: { 'v1.0.0': A, 'v0.1.0': A }, ledger: ['v1.0.0'] })).counted).toMatchObject([
      { tag: 'v0.1.0' },
    ])
  })
})

describe('a tag that releases nothing', () => {
  it.each<[what: string, tag: string, files: readonly Listed[] | string | null, why: string]>([
    ['points at no commit', 'v1.0.0', null, 'it does not point at a commit'],
    ['cannot be read', 'v1.0.0', 'its tree is too large: Narrow it', 'its tree is too large: Narrow it'],
    [
      'has no prompt',
      'v1.0.0',
      ['other/a.txt'],
      'its commit has no prompt in prompts; if they were in another directory at that time, add it to directories',
    ],
    [
      'has only files that cannot become a version',
      'v1.0.0',
      [['prompts/a.txt', '120000'], 'prompts/b:b.txt'],
      'none of its 2 files can become a version (prompts/a.txt: It is a symbolic link; commit the file itself)',
    ],
    ['names a prompt that its commit does not have', 'c@1.0.0', A, 'it names no prompt of its commit'],
    [
      'names a prompt, and its commit has none',
      'c@1.0.0',
      ['other/c.txt'],
      'it names no prompt of its commit, which has no prompt in the directories of its layout',
    ],
    [
      'names a prompt with a file that cannot become a version',
      'c@1.0.0',
      ['prompts/a.txt', ['prompts/c.txt', '120000']],
      'its file prompts/c.txt cannot become a version (It is a symbolic link; commit the file itself)',
    ],
  ])('is reported with the reason: it %s', async (_what, tag, files, why) => {
    const { findings, files: found } = await read({ tags: { [tag]: files } })
    expect(findings).toEqual([
      {
        code: 'tag_empty',
        subject: { kind: 'tag', name: tag },
        message: `Tag ${tag} releases nothing: ${why}.`,
      },
    ])
    expect(found.size).toBe(0)
  })

  it('names the root in its reason', async () => {
    const { findings } = await read({ tags: { 'v1.0.0': ['a.py'] }, settings: { directories: ['.', 'x'] } })
    expect(findings[0]?.message).toContain('no prompt in x, the root; if')
  })

  it('is not reported if it counted and its commit is gone, because its move or deletion is reported', async () => {
    const input = { tags: { 'v1.0.0': null }, ledger: ['v1.0.0'], unlisted: ['v1.0.0'] }
    expect((await read(input)).findings).toEqual([])
  })

  it('does not block other tags', async () => {
    expect(
      filesOf(await read({ tags: { 'v3.0.0': null, 'v2.0.0': 'it is too large', 'v1.0.0': A } })),
    ).toEqual({
      a: ['v1.0.0'],
    })
  })
})

describe('the newest release of a whole tree', () => {
  const newestOf = async (input: Case) => {
    const { newest } = await read(input)
    return newest === null ? null : [newest.tag.tag, ...newest.ids]
  }

  it('is the newest tag that covers everything and promotes, with the ids of its tree', async () => {
    const tags = { 'v1.0.0': A, 'v1.1.0': AB, 'v2.0.0-rc.1': A, 'a@3.0.0': A }
    expect(await newestOf({ tags })).toEqual(['v1.1.0', 'a', 'b'])
    expect(await newestOf({ tags, settings: { prereleases: true } })).toEqual(['v2.0.0-rc.1', 'a'])
  })

  it('has the ids of files that cannot become a version, too', async () => {
    expect(await newestOf({ tags: { 'v1.0.0': ['prompts/a.txt', ['prompts/b.txt', '120000']] } })).toEqual([
      'v1.0.0',
      'a',
      'b',
    ])
  })

  it('is one that is still listed, because otherwise it would depend on who has its commit', async () => {
    const tags = { 'v1.0.0': A, 'v1.1.0': AB }
    expect(await newestOf({ tags, ledger: ['v1.1.0'], unlisted: ['v1.1.0'] })).toEqual(['v1.0.0', 'a'])
  })

  it('is the one that counted first among equal ones', async () => {
    const settings = { releases: ['v{version}', '{version}'] }
    expect(await newestOf({ tags: { '1.0.0': A, 'v1.0.0': AB }, ledger: ['v1.0.0'], settings })).toEqual([
      'v1.0.0',
      'a',
      'b',
    ])
  })

  it('is absent if each tag names a prompt', async () => {
    expect(await newestOf({ tags: { 'a@1.0.0': A } })).toBeNull()
  })
})
