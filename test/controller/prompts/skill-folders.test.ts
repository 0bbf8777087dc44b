import { describe, expect, it } from 'vitest'
import { DEFAULT_INCLUDE, type Layout } from '../../../controller/prompts/layout-fields.ts'
import { createTreeReader } from '../../../controller/prompts/read-tree.ts'
import { isSameFile } from '../../../controller/prompts/tree.ts'
import type { TreeEntry } from '../../../controller/source/git-source.ts'

const LAYOUT: Layout = { directories: ['s'], include: DEFAULT_INCLUDE, exclude: [], idPrefix: '' }

type Listed = string | readonly [path: string, mode: TreeEntry['mode']]

function read(paths: readonly Listed[], layout: Partial<Layout> = {}) {
  const entries = paths.map((listed) => {
    const [path, mode] = typeof listed === 'string' ? [listed, '100644' as const] : listed
    return { path, mode, oid: `blob of ${path}` }
  })
  return createTreeReader({ ...LAYOUT, ...layout })(entries)
}

/** The prompt files, each with the other files of its folder. */
function folders(paths: readonly Listed[], layout: Partial<Layout> = {}): Record<string, string[]> {
  const { files } = read(paths, layout)
  return Object.fromEntries(
    files.map(({ path, folder }) => [path, (folder?.files ?? []).map((file) => file.path)]),
  )
}

const reasons = (paths: readonly Listed[]) => read(paths).quarantined.map(({ reason }) => reason)

describe('the files of a skill folder', () => {
  it('are all others below it, whatever their extension, and no prompts', () => {
    expect(folders(['s/a/SKILL.md', 's/a/b.md', 's/a/r/c.txt', 's/a/x.py', 's/ab/d.md', 's/e.md'])).toEqual({
      's/a/SKILL.md': ['b.md', 'r/c.txt', 'x.py'],
      's/ab/d.md': [],
      's/e.md': [],
    })
  })

  it('are those of the innermost skill', () => {
    expect(folders(['s/a/SKILL.md', 's/a/b/SKILL.md', 's/a/b/c/d.md', 's/a/e.md'])).toEqual({
      's/a/SKILL.md': ['e.md'],
      's/a/b/SKILL.md': ['c/d.md'],
    })
  })

  it.each([
    ['a directory of the layout', ['s'], ['s/SKILL.md', 's/a.md'], { 's/SKILL.md': [], 's/a.md': [] }],
    ['the root', ['.'], ['SKILL.md', 'a.md'], { 'SKILL.md': [], 'a.md': [] }],
    [
      'a folder with a directory of the layout, for the files of that',
      ['s', 's/a/p'],
      ['s/a/SKILL.md', 's/a/b.md', 's/a/p/c.md'],
      { 's/a/SKILL.md': ['b.md'], 's/a/p/c.md': [] },
    ],
    ['a folder outside of the layout', ['s'], ['t/SKILL.md', 't/a.md'], {}],
  ])('do not come from %s', (_, directories, paths, expected) => {
    expect(folders(paths, { directories })).toEqual(expected)
  })

  it('are none if SKILL.md is excluded or written in another way', () => {
    expect(folders(['s/a/SKILL.md', 's/a/b.md'], { exclude: ['**/SKILL.md'] })).toEqual({ 's/a/b.md': [] })
    expect(folders(['s/a/skill.md', 's/a/b.md'])).toEqual({ 's/a/b.md': [], 's/a/skill.md': [] })
  })

  it('have neither excluded files nor sidecars of SKILL.md', () => {
    const sidecars = [{ name: '**/SKILL.md', files: ['config.json'] }]
    const layout = { exclude: ['**/*.png', '**/drafts/**'], sidecars }
    expect(
      folders(['s/a/SKILL.md', 's/a/b.md', 's/a/c.png', 's/a/config.json', 's/a/drafts/d.md'], layout),
    ).toEqual({
      's/a/SKILL.md': ['b.md'],
    })
  })

  it('are prompts too if the layout has an include of its own', () => {
    expect(folders(['s/a/SKILL.md', 's/a/b.md', 's/a/c.txt'], { include: ['**/*.md'] })).toEqual({
      's/a/SKILL.md': ['b.md', 'c.txt'],
      's/a/b.md': [],
    })
  })

  it('quarantine their skill, and nothing else, if one of them cannot be kept', () => {
    const many = Array.from({ length: 501 }, (_, index) => `s/a/${index}`)
    expect(reasons(['s/a/SKILL.md', ['s/a/link', '120000'], 's/b.md'])).toEqual([
      's/a/link in its folder is a symbolic link. Commit the files themselves, or exclude it.',
    ])
    expect(reasons(['s/a/SKILL.md', ['s/a/sub', '160000']])).toEqual([
      's/a/sub in its folder is a submodule. Commit the files themselves, or exclude it.',
    ])
    expect(reasons(['s/a/SKILL.md', 's/a/b\\c'])).toEqual([expect.stringContaining('s/a/b\\c in its folder')])
    expect(reasons(['s/a/SKILL.md', ...many])).toEqual([
      'The folder has 501 other files; at most 500 are allowed. Exclude some of them, or move them out of the folder.',
    ])
    expect(folders(['s/a/SKILL.md', ['s/a/link', '120000'], 's/a/b.md'])).toEqual({})
  })

  it('differ between two trees if one of them was added, changed or moved', () => {
    const file = (...paths: string[]) => {
      const [found] = read(['s/a/SKILL.md', ...paths]).files
      if (found === undefined) throw new Error('no file')
      return found
    }
    expect(isSameFile(file('s/a/b'), file('s/a/b'))).toBe(true)
    expect(isSameFile(file('s/a/b'), file('s/a/c'))).toBe(false)
    expect(isSameFile(file('s/a/b'), file())).toBe(false)
    expect(isSameFile(file('s/a/b'), file('s/a/b', 's/a/c'))).toBe(false)
  })
})
