import { describe, expect, it } from 'vitest'
import { readReleases } from '../../../controller/pass/read-releases.ts'
import type { FileAtTag, LaidOutTree } from '../../../controller/pass/release-files.ts'
import { fileToRead } from '../../../controller/prompts/file-to-read.ts'
import { refine } from '../../../controller/prompts/layout.ts'
import { FileReadings } from '../../../controller/prompts/read-files.ts'
import { createTreeReader } from '../../../controller/prompts/read-tree.ts'
import type { CandidateTag } from '../../../controller/releases/classify-tags.ts'
import type { TreeEntry } from '../../../controller/source/git-source.ts'
import { readTag } from '../../../controller/values/release-patterns.ts'
import { sourceConfig } from '../../support/controller.ts'
import fc from '../../support/fast-check.ts'
import { blobOf, memorySnapshot } from '../../support/memory-snapshot.ts'

const SOURCE = sourceConfig({ name: 'demo', repository: '/repository' })
const LAYOUT = refine(SOURCE, {}, null)
/** Each text is a separate blob. */
const broken = (minor: number) => `\0${minor}`

type Files = Readonly<Record<string, string>>

interface Case {
  /** The text of each prompt, by tag. */
  readonly tags: Readonly<Record<string, Files>>
  readonly drafts?: Files
  readonly unlisted?: readonly string[]
  /** Texts that the repository no longer has. */
  readonly gone?: readonly string[]
  /** Tags that the registry refuses. */
  readonly refused?: readonly string[]
  readonly most?: number
}

const withPaths = (files: Files) =>
  Object.fromEntries(Object.entries(files).map(([id, text]) => [`prompts/${id}.txt`, text]))

function treeOf(files: Files): LaidOutTree {
  const entries = Object.entries(withPaths(files)).map(
    ([path, text]): TreeEntry => ({ path, mode: '100644', oid: blobOf(text) }),
  )
  return { tree: createTreeReader(SOURCE)(entries), layout: LAYOUT, layoutBlob: null }
}

async function read({ tags, drafts = {}, unlisted = [], gone = [], refused = [], most = 20 }: Case) {
  const commits = Object.fromEntries(Object.entries(tags).map(([tag, files]) => [tag, withPaths(files)]))
  const snapshot = memorySnapshot({ ...commits, branch: withPaths(drafts) })
  for (const text of gone) snapshot.gone.add(blobOf(text))
  let walked = 0
  const atTag = async ({ commit }: Pick<CandidateTag, 'commit'>) => {
    walked++
    return treeOf(tags[commit] ?? {})
  }
  const releaseTags = Object.keys(tags).map((tag, place): CandidateTag => {
    const { readings } = readTag(tag, SOURCE.releases)
    const listed = !unlisted.includes(tag)
    return { tag, commit: tag, object: null, readings, place: listed ? null : place, listed }
  })
  const draftFiles = treeOf(drafts).tree.files.map((file) => fileToRead(file, LAYOUT))
  const input = { source: SOURCE, snapshot, trees: { atTag } }
  const readings = new FileReadings()
  const isRefused = ({ tag }: FileAtTag) => refused.includes(tag.tag)
  const releases = await readReleases(input, draftFiles, releaseTags, most, readings, isRefused)
  const versions = [...releases.files].map(([id, files]) => [
    id,
    files.map((file) => `${file.tag.tag}${readings.versionOf(file, 'c') === null ? ' broken' : ''}`),
  ])
  return {
    kept: Object.fromEntries(versions) as Record<string, string[]>,
    drafts: draftFiles.filter((file) => readings.versionOf(file, 'c') !== null).map(({ id }) => id),
    walked,
    asked: snapshot.asked,
  }
}

const v = (...minors: number[]) => minors.map((minor) => `v1.${minor}.0`)

/** Releases from 1.0.0 on. Those for which `isGood` is false are broken. */
function history(count: number, isGood: (minor: number) => boolean = () => true): Case['tags'] {
  return Object.fromEntries(
    Array.from({ length: count }, (_, minor) => [
      `v1.${minor}.0`,
      { a: isGood(minor) ? `text ${minor}` : broken(minor) },
    ]),
  )
}

describe('the releases read', () => {
  it('are limited per prompt, and their files and those of the drafts are read in one request', async () => {
    const { kept, drafts, asked, walked } = await read({
      tags: history(5),
      drafts: { a: 'text 4', b: 'draft' },
      most: 2,
    })
    expect(kept).toEqual({ a: v(4, 3) })
    expect(drafts).toEqual(['a', 'b'])
    expect(asked).toMatchObject({ blobs: ['text 4', 'draft', 'text 3'].map(blobOf), blobRequests: 1 })
    expect(walked).toBe(5)
  })

  it('include an older one instead of each that cannot become a version', async () => {
    const { kept, asked } = await read({ tags: history(6, (minor) => minor !== 5 && minor !== 3), most: 2 })
    expect(kept).toEqual({ a: ['v1.5.0 broken', 'v1.4.0', 'v1.3.0 broken', 'v1.2.0'] })
    expect(asked.blobs).not.toContain(blobOf('text 0'))
  })

  it('include an older one instead of each that the registry refuses', async () => {
    const { kept } = await read({ tags: history(5), refused: v(4, 3), most: 1 })
    expect(kept).toEqual({ a: v(4, 3, 2) })
  })

  it('are fewer if all older ones are broken', async () => {
    const { kept } = await read({ tags: history(4, (minor) => minor === 3), most: 2 })
    expect(kept).toEqual({ a: ['v1.3.0', 'v1.2.0 broken', 'v1.1.0 broken', 'v1.0.0 broken'] })
  })

  it('do not depend on another prompt with broken files', async () => {
    const tags = Object.fromEntries(
      v(0, 1, 2, 3).map((tag, minor) => [
        tag,
        { a: `text ${minor}`, b: minor === 3 ? broken(minor) : `b ${minor}` },
      ]),
    )
    const { kept, asked } = await read({ tags, most: 1 })
    expect(kept).toEqual({ a: v(3), b: ['v1.3.0 broken', 'v1.2.0'] })
    expect(asked.blobs).not.toContain(blobOf('text 2'))
  })

  it('take few walks over the trees, even if many in a row are broken', async () => {
    const { kept, walked } = await read({
      tags: history(300, (minor) => minor === 299 || minor < 20),
      most: 2,
    })
    expect([kept.a?.[0], kept.a?.at(-1), kept.a?.length]).toEqual(['v1.299.0', 'v1.19.0', 281])
    expect(walked).toBeLessThanOrEqual(300 * 12)
  })

  it('are the same as if the broken ones had been known, for any history', async () => {
    const histories = fc.tuple(fc.array(fc.boolean(), { maxLength: 30 }), fc.integer({ min: 0, max: 6 }))
    await fc.assert(
      fc.asyncProperty(histories, async ([isGood, most]) => {
        const { kept } = await read({ tags: history(isGood.length, (minor) => isGood[minor] === true), most })
        const newestFirst = isGood.map((good, minor) => `v1.${minor}.0${good ? '' : ' broken'}`).reverse()
        const good = newestFirst.filter((one) => !one.endsWith('broken'))
        const last = good[Math.max(most, 1) - 1]
        const expected =
          last === undefined ? newestFirst : newestFirst.slice(0, newestFirst.indexOf(last) + 1)
        expect(kept.a ?? []).toEqual(expected)
      }),
    )
  })
})

describe('the files of tags that were moved or deleted', () => {
  const tags = { 'v1.0.0': { a: 'one' }, 'v1.1.0': { a: 'two', b: 'three' }, 'v1.2.0': { a: 'four' } }

  it('are read as long as the repository has them', async () => {
    const { kept, asked } = await read({ tags, unlisted: v(0, 1) })
    expect(kept).toEqual({ a: v(2, 1, 0), b: v(1) })
    expect(asked.blobRequests).toBe(2)
  })

  it('may be gone, which affects only those tags', async () => {
    const { kept } = await read({ tags, unlisted: v(0, 1), gone: ['two'] })
    expect(kept).toEqual({ a: ['v1.2.0', 'v1.1.0 broken', 'v1.0.0'], b: ['v1.1.0 broken'] })
  })

  it('may be gone only for such tags: otherwise the repository is incomplete', async () => {
    await expect(read({ tags, unlisted: v(0), gone: ['two'] })).rejects.toMatchObject({
      code: 'object_missing',
    })
    await expect(read({ tags, drafts: { a: 'draft' }, gone: ['draft'] })).rejects.toMatchObject({
      code: 'object_missing',
    })
  })
})
