import { describe, expect, it } from 'vitest'
import type { LaidOutTree } from '../../../controller/pass/release-files.ts'
import { TreeLayouts } from '../../../controller/pass/tree-layouts.ts'
import { LAYOUT_FILE } from '../../../controller/prompts/repository-layout.ts'
import { sourceConfig } from '../../support/controller.ts'
import { blobOf, type MemoryFile, memorySnapshot } from '../../support/memory-snapshot.ts'

type Files = Readonly<Record<string, MemoryFile>>

const oid = (digit: number) => String(digit).repeat(40)
const [BRANCH, OTHER] = [oid(9), oid(8)]
const layoutFile = (directories: string): Files => ({ [LAYOUT_FILE]: `directories: [${directories}]\n` })

function treesOf(commits: Readonly<Record<string, Files>>, settings: object = {}) {
  const source = sourceConfig({ name: 'demo', repository: '/repository', ...settings })
  const snapshot = memorySnapshot(commits)
  return { trees: new TreeLayouts(source, snapshot), snapshot, asked: snapshot.asked }
}

const pathsOf = ({ tree }: LaidOutTree) => tree.files.map(({ path }) => path)

const tag = (commit: string, listed = true) => ({ commit, listed })

/** The content of a tag's tree, or the reason why it has none. */
async function atTag(trees: TreeLayouts, commit: string, listed = true) {
  const read = await trees.atTag(tag(commit, listed))
  return read === null || typeof read === 'string' ? read : pathsOf(read)
}

describe('the tree of the branch', () => {
  it("is listed once if the layout file adds no directory to the platform's", async () => {
    const { trees, asked } = treesOf({
      [BRANCH]: {
        ...layoutFile('prompts/team'),
        'prompts/team/a.txt': 'a',
        'prompts/b.txt': 'b',
        'src/c.txt': 'c',
      },
    })
    const read = await trees.branch(BRANCH, null)
    expect(pathsOf(read)).toEqual(['prompts/team/a.txt'])
    expect(read.layoutBlob).toBe(blobOf('directories: [prompts/team]\n'))
    expect(asked.trees).toEqual([{ commit: BRANCH, directories: ['prompts'] }])
  })

  it('is listed again if its layout names other directories', async () => {
    const { trees, asked } = treesOf({
      [BRANCH]: { ...layoutFile('src'), 'prompts/a.txt': 'a', 'src/b.txt': 'b' },
    })
    expect(pathsOf(await trees.branch(BRANCH, null))).toEqual(['src/b.txt'])
    expect(asked.trees.map(({ directories }) => directories)).toEqual([['prompts'], ['src']])
  })

  it('is read under the last valid layout while its own is invalid', async () => {
    const { trees } = treesOf({
      [BRANCH]: { [LAYOUT_FILE]: 'directories: [', 'src/a.txt': 'a' },
      [OTHER]: layoutFile('src'),
    })
    const blob = blobOf('directories: [src]\n')
    const read = await trees.branch(BRANCH, { commit: OTHER, blob })
    expect(pathsOf(read)).toEqual(['src/a.txt'])
    expect(read.layout.from).toEqual({ commit: OTHER, blob })
    expect(read.layoutBlob).toBe(blobOf('directories: ['))
  })

  it('ignores the layout file if the platform does not read it', async () => {
    const { trees } = treesOf(
      { [BRANCH]: { ...layoutFile('src'), 'prompts/a.txt': 'a', 'src/b.txt': 'b' } },
      { repositoryLayout: false, maxFiles: 1 },
    )
    const read = await trees.branch(BRANCH, null)
    expect([pathsOf(read), read.layoutBlob]).toEqual([['prompts/a.txt'], null])
  })

  it('is never walked outside of the directories', async () => {
    const other = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`other/${index}`, 'x']))
    const { trees } = treesOf({ [BRANCH]: { ...other, 'prompts/a.txt': 'a' } }, { maxFiles: 2 })
    expect(pathsOf(await trees.branch(BRANCH, null))).toEqual(['prompts/a.txt'])
  })

  it('may be too large', async () => {
    const { trees } = treesOf({ [BRANCH]: { 'prompts/a.txt': 'a', 'prompts/b.txt': 'b' } }, { maxFiles: 1 })
    await expect(trees.branch(BRANCH, null)).rejects.toMatchObject({ code: 'too_large' })
  })

  it("is not too large if only the platform's directories are and its layout names others", async () => {
    const files = {
      ...layoutFile('prompts/team'),
      'prompts/a.txt': 'a',
      'prompts/b.txt': 'b',
      'prompts/c.txt': 'c',
    }
    const { trees } = treesOf({ [BRANCH]: { ...files, 'prompts/team/d.txt': 'd' } }, { maxFiles: 2 })
    expect(pathsOf(await trees.branch(BRANCH, null))).toEqual(['prompts/team/d.txt'])
  })
})

describe('a layout whose patterns take too many comparisons with the files of a commit', () => {
  /** Costs 60 comparisons for each `a`, so more than 7,000 for a name of 180 characters. */
  const costly: Files = { [LAYOUT_FILE]: `include: ["*${'a'.repeat(60)}b", "**"]\n` }
  const names = Object.fromEntries([1, 2].map((one) => [`prompts/${'a'.repeat(119)}${one}`, 'x']))
  const PROBLEM = 'The patterns of .promptctl.yaml take too many comparisons with the files of this commit.'

  it('is not in force: the last good one stays', async () => {
    const { trees } = treesOf(
      { [BRANCH]: { ...costly, ...names, 'src/a.txt': 'a' }, [OTHER]: layoutFile('src') },
      { maxFiles: 4 },
    )
    const read = await trees.branch(BRANCH, { commit: OTHER, blob: blobOf('directories: [src]\n') })
    expect(pathsOf(read)).toEqual(['src/a.txt'])
    expect(read.layout.problem).toContain(PROBLEM)
    expect(read.layout.problem).toContain('The layout at 888888888888 stays in force.')
  })

  it("gives way to the platform's if the last good one is the same file, or costs as much", async () => {
    const other = { [LAYOUT_FILE]: `include: ["*${'a'.repeat(61)}b", "**"]\n` }
    for (const last of [costly, other]) {
      const { trees } = treesOf(
        { [BRANCH]: { ...costly, ...names, 'prompts/b.txt': 'b' }, [OTHER]: last },
        { maxFiles: 4 },
      )
      const blob = blobOf(String(last[LAYOUT_FILE]))
      const read = await trees.branch(BRANCH, { commit: OTHER, blob })
      expect(pathsOf(read)).toEqual(['prompts/b.txt'])
      expect(read.layout.problem).toBe(
        `${PROBLEM} Use fewer of them, with fewer wildcards. The platform's layout is in force.`,
      )
    }
  })

  it('is in force for as many files as the source may have', async () => {
    const { trees } = treesOf({ [BRANCH]: { ...costly, ...names } }, { maxFiles: 20 })
    const { layout, tree } = await trees.branch(BRANCH, null)
    expect([layout.problem, tree.files.length]).toEqual([null, 2])
  })

  it('is not bounded if it is that of the platform', async () => {
    const include = [`*${'a'.repeat(60)}b`, '**']
    const { trees } = treesOf({ [BRANCH]: names }, { maxFiles: 4, include })
    expect((await trees.branch(BRANCH, null)).tree.files).toHaveLength(2)
  })

  it("gives way to the platform's for the tag that has it, and not for other tags", async () => {
    const { trees } = treesOf(
      {
        [BRANCH]: { 'prompts/b.txt': 'b' },
        [oid(1)]: { ...costly, ...names, 'prompts/b.txt': 'b' },
        [oid(2)]: { ...costly, 'prompts/a': 'a', 'prompts/b.txt': 'b' },
      },
      { maxFiles: 4 },
    )
    await trees.branch(BRANCH, null)
    const first = await trees.atTag(tag(oid(1)))
    expect(first).toMatchObject({ layout: { from: null } })
    expect(first).toMatchObject({ layout: { problem: expect.stringContaining("The platform's layout") } })
    expect(await atTag(trees, oid(1))).toEqual(['prompts/b.txt'])
    expect(await atTag(trees, oid(2))).toEqual(['prompts/a', 'prompts/b.txt'])
  })

  it('cannot be used to read another commit', async () => {
    const { trees } = treesOf({ [BRANCH]: { ...costly, 'prompts/a': 'a' }, [OTHER]: names }, { maxFiles: 4 })
    const { layout } = await trees.branch(BRANCH, null)
    await expect(trees.under(layout, OTHER)).rejects.toMatchObject({ code: 'too_large' })
  })
})

describe('the tree of another commit under the layout of the branch', () => {
  it('is read under that layout, regardless of its own', async () => {
    const { trees, asked } = treesOf({
      [BRANCH]: { ...layoutFile('src'), 'src/a.txt': 'a' },
      [OTHER]: { ...layoutFile('prompts'), 'prompts/b.txt': 'b', 'src/c.txt': 'c' },
    })
    const { layout } = await trees.branch(BRANCH, null)
    const before = await trees.under(layout, OTHER)
    expect(pathsOf(before)).toEqual(['src/c.txt'])
    expect(before.layoutBlob).toBe(blobOf('directories: [prompts]\n'))
    expect(asked.trees.at(-1)).toEqual({ commit: OTHER, directories: ['src'] })
  })

  it('cannot be read if the commit is gone', async () => {
    const { trees } = treesOf({ [BRANCH]: { 'prompts/a.txt': 'a' } })
    const { layout } = await trees.branch(BRANCH, null)
    await expect(trees.under(layout, OTHER)).rejects.toMatchObject({ code: 'object_missing' })
  })
})

describe("the tree of a tag's commit", () => {
  it('is read under the layout of that commit', async () => {
    const moved = { 'prompts/a.txt': 'a', 'src/a.txt': 'a' }
    const { trees } = treesOf({
      [BRANCH]: { ...layoutFile('src'), ...moved },
      [oid(1)]: moved,
      [oid(2)]: { ...layoutFile('src'), ...moved },
      [oid(3)]: { ...layoutFile('old, prompts'), ...moved, 'old/b.txt': 'b' },
    })
    await trees.branch(BRANCH, null)
    expect(await atTag(trees, oid(1))).toEqual(['prompts/a.txt'])
    expect(await atTag(trees, oid(2))).toEqual(['src/a.txt'])
    expect(await atTag(trees, oid(3))).toEqual(['old/b.txt', 'prompts/a.txt'])
  })

  it("is listed once, together with the platform's directories and those of the branch", async () => {
    const { trees, asked } = treesOf({
      [BRANCH]: { ...layoutFile('src'), 'src/a.txt': 'a' },
      [oid(1)]: { 'prompts/a.txt': 'a' },
      [oid(2)]: { ...layoutFile('src'), 'src/a.txt': 'b' },
      [oid(3)]: { ...layoutFile('old'), 'old/a.txt': 'c' },
    })
    await trees.branch(BRANCH, null)
    asked.trees.length = 0
    for (const commit of [oid(1), oid(2), oid(3)]) await trees.atTag(tag(commit))
    expect(asked.trees).toEqual([
      { commit: oid(1), directories: ['prompts', 'src'] },
      { commit: oid(2), directories: ['prompts', 'src'] },
      { commit: oid(3), directories: ['prompts', 'src'] },
      { commit: oid(3), directories: ['old'] },
    ])
  })

  it('shares its layout with all tags that have the same file, so it is read once', async () => {
    const [src, broken] = [layoutFile('src'), { [LAYOUT_FILE]: 'directories: [' }]
    const { trees, asked } = treesOf({
      [BRANCH]: { 'prompts/a.txt': 'a' },
      [oid(1)]: { ...src, 'src/a.txt': 'a' },
      [oid(2)]: { ...src, 'src/b.txt': 'b' },
      [oid(3)]: { ...broken, 'prompts/c.txt': 'c' },
      [oid(4)]: { ...broken, 'prompts/d.txt': 'd' },
      [oid(5)]: { 'prompts/e.txt': 'e' },
    })
    await trees.branch(BRANCH, null)
    expect(asked.blobs).toEqual([])
    for (let round = 0; round < 2; round++)
      for (let digit = 1; digit <= 5; digit++) await trees.atTag(tag(oid(digit)))
    expect(asked.blobs).toEqual([blobOf('directories: [src]\n'), blobOf('directories: [')])
    expect(await atTag(trees, oid(2))).toEqual(['src/b.txt'])
    expect(await trees.atTag(tag(oid(4)))).toMatchObject({
      layout: { problem: expect.stringContaining('for this tag') },
    })
  })

  it('distinguishes a layout file from a link with the same content', async () => {
    const { trees } = treesOf({
      [oid(1)]: { ...layoutFile('src'), 'src/a.txt': 'a' },
      [oid(2)]: {
        [LAYOUT_FILE]: { symlink: 'directories: [src]\n' },
        'src/a.txt': 'a',
        'prompts/b.txt': 'b',
      },
    })
    expect(await atTag(trees, oid(1))).toEqual(['src/a.txt'])
    expect(await atTag(trees, oid(2))).toEqual(['prompts/b.txt'])
  })

  it('is null if the commit is gone', async () => {
    const { trees } = treesOf({})
    expect(await atTag(trees, oid(1))).toBeNull()
  })

  it('is null if its layout file is gone and the tag is no longer listed; otherwise the repository is incomplete', async () => {
    const { trees, snapshot } = treesOf({ [oid(1)]: layoutFile('src') })
    snapshot.gone.add(blobOf('directories: [src]\n'))
    expect(await atTag(trees, oid(1), false)).toBeNull()
    await expect(atTag(trees, oid(1))).rejects.toMatchObject({ code: 'object_missing' })
  })

  it('has a reason if it is too large, without blocking other tags', async () => {
    const { trees } = treesOf(
      {
        [BRANCH]: { 'prompts/a.txt': 'a' },
        [oid(1)]: { 'prompts/a.txt': 'a', 'prompts/b.txt': 'b', 'prompts/c.txt': 'c' },
        [oid(2)]: { 'prompts/a.txt': 'a' },
      },
      { maxFiles: 2 },
    )
    await trees.branch(BRANCH, null)
    expect(await atTag(trees, oid(1))).toBe(
      'its tree is too large: The directories of this source have more than 2 files. Narrow the directories of this source, or raise the number of files that it may have',
    )
    expect(await atTag(trees, oid(2))).toEqual(['prompts/a.txt'])
  })

  it('is not too large if only several layouts together are', async () => {
    const both = { 'prompts/a.txt': 'a', 'prompts/b.txt': 'b', 'src/c.txt': 'c', 'src/d.txt': 'd' }
    const { trees } = treesOf(
      {
        [BRANCH]: { ...layoutFile('src'), 'src/c.txt': 'c', 'src/d.txt': 'd' },
        [oid(1)]: both,
        [oid(2)]: { ...layoutFile('src'), ...both },
      },
      { maxFiles: 3 },
    )
    await trees.branch(BRANCH, null)
    expect(await atTag(trees, oid(1))).toEqual(['prompts/a.txt', 'prompts/b.txt'])
    expect(await atTag(trees, oid(2))).toEqual(['src/c.txt', 'src/d.txt'])
  })

  it('rejects with any other error', async () => {
    const { trees, snapshot } = treesOf({ [oid(1)]: {} })
    snapshot.tree = () => Promise.reject(new TypeError('broken'))
    await expect(atTag(trees, oid(1))).rejects.toThrow(TypeError)
  })
})
