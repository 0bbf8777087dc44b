import { describe, expect, it } from 'vitest'
import { ROUTE_WORDS } from '../../api/contract/prompt-id.ts'
import { createTreeReader, type Layout } from '../../controller/desired.ts'
import type { TreeEntry } from '../../controller/source/git-source.ts'

const LAYOUT: Layout = {
  directories: ['prompts'],
  include: ['**/*.txt', '**/*.md'],
  exclude: ['**/README.md'],
  idPrefix: '',
}

function read(
  paths: readonly (string | readonly [string, TreeEntry['mode']])[],
  layout: Partial<Layout> = {},
) {
  const entries = paths.map((entry, index): TreeEntry => {
    const [path, mode] = typeof entry === 'string' ? [entry, '100644' as const] : entry
    return { path, mode, oid: String(index) }
  })
  return createTreeReader({ ...LAYOUT, ...layout })(entries)
}

function ids(paths: Parameters<typeof read>[0], layout: Partial<Layout> = {}): string[] {
  return read(paths, layout).files.map(({ id, path }) => `${path} is ${id}`)
}

function reasons(paths: Parameters<typeof read>[0], layout: Partial<Layout> = {}): Record<string, string> {
  return Object.fromEntries(read(paths, layout).quarantined.map(({ path, reason }) => [path, reason]))
}

describe('the id of a file', () => {
  it('is its path below the directory without the extension', () => {
    expect(ids(['prompts/a.txt', 'prompts/b/c.d.md', 'prompts/x', 'elsewhere/e.txt', 'f.txt'])).toEqual([
      'prompts/a.txt is a',
      'prompts/b/c.d.md is b/c.d',
    ])
  })

  it('has the prefix in front', () => {
    expect(ids(['prompts/a.txt'], { idPrefix: 'support/' })).toEqual(['prompts/a.txt is support/a'])
  })

  it.each(['.', './', './.'])('counts from the root for the directory "%s"', (directory) => {
    expect(ids(['a.txt', 'b/c.txt'], { directories: [directory] })).toEqual(['a.txt is a', 'b/c.txt is b/c'])
  })

  it.each(['prompts', 'prompts/', './prompts', './prompts//', 'prompts/.'])(
    'is the same for the directory "%s"',
    (directory) => {
      expect(ids(['prompts/a.txt', 'prompts2/b.txt'], { directories: [directory] })).toEqual([
        'prompts/a.txt is a',
      ])
    },
  )

  it('counts from the innermost directory, in whatever order they are named', () => {
    const paths = ['prompts/a.txt', 'prompts/team/b.txt', 'prompts/teams/c.txt']
    const expected = ['prompts/a.txt is a', 'prompts/team/b.txt is b', 'prompts/teams/c.txt is teams/c']
    expect(ids(paths, { directories: ['prompts', 'prompts/team'] })).toEqual(expected)
    expect(ids(paths, { directories: ['prompts/team', 'prompts'] })).toEqual(expected)
  })
})

describe('a file that the layout leaves out', () => {
  it('is ignored with the patterns that say so', () => {
    const { files, ignored, quarantined } = read([
      'prompts/a.png',
      'prompts/README.md',
      'prompts/d/README.md',
    ])
    expect({ files, quarantined }).toEqual({ files: [], quarantined: [] })
    expect(ignored.map(({ path, reason }) => `${path}: ${reason}`)).toEqual([
      'prompts/a.png: No include pattern matches it (**/*.txt, **/*.md).',
      'prompts/README.md: An exclude pattern matches it (**/README.md).',
      'prompts/d/README.md: An exclude pattern matches it (**/README.md).',
    ])
  })

  it('is no trouble whatever its name or kind', () => {
    const { ignored, quarantined } = read([
      'prompts/caf\uFFFD.png',
      ['prompts/link', '120000'],
      ['prompts/module', '160000'],
      'prompts/.hidden.txt',
      'prompts/bad name.png',
    ])
    expect(quarantined).toEqual([])
    expect(ignored).toHaveLength(5)
  })

  it('is not even looked at outside of the directories', () => {
    expect(read(['other/a b.txt', 'prompts.txt', 'promptsX/a.txt'])).toEqual({
      files: [],
      quarantined: [],
      ignored: [],
      ids: new Map(),
    })
  })

  it('may be none at all', () => {
    expect(ids(['prompts/README.md'], { exclude: [] })).toEqual(['prompts/README.md is README'])
  })
})

describe('an included file that cannot be a prompt', () => {
  it('is a link or a submodule', () => {
    expect(
      reasons([
        ['prompts/link.txt', '120000'],
        ['prompts/module.txt', '160000'],
        ['prompts/run.txt', '100755'],
      ]),
    ).toEqual({
      'prompts/link.txt': expect.stringContaining('symbolic link'),
      'prompts/module.txt': expect.stringContaining('submodule'),
    })
  })

  it.each([
    ['a b', 'letters, digits'],
    ['_a', 'must start with a letter or digit'],
    ['a_v2', 'version pin'],
    ['a_v1.2.3', 'version pin'],
    ['x@1', 'letters, digits'],
    ['é', 'letters, digits'],
    ['1/2/3/4/5/6/7/8/9', 'at most 8 segments'],
    ['x'.repeat(201), 'at most 200 characters'],
    ...ROUTE_WORDS.map((word): [string, string] => [`a/${word}`, `"${word}"`]),
  ] satisfies [string, string][])('has the bad id "%s", which is told', (id, reason) => {
    expect(reasons([`prompts/${id}.txt`, 'prompts/good.txt'])).toEqual({
      [`prompts/${id}.txt`]: expect.stringContaining(reason),
    })
  })

  it('has a name that is not UTF-8', () => {
    expect(reasons(['prompts/caf\uFFFD.txt'])).toEqual({
      'prompts/caf\uFFFD.txt': expect.stringContaining('not valid UTF-8'),
    })
  })

  it('has a bad id because of the prefix', () => {
    expect(reasons(['prompts/a.txt'], { idPrefix: 'my team/' })['prompts/a.txt']).toContain('"my team"')
  })

  it('has the id of another file: by extension, by directory, by case; all of them are out', () => {
    expect(
      reasons(['prompts/a.md', 'prompts/a.txt', 'more/a.txt', 'prompts/A.txt', 'prompts/b.txt'], {
        directories: ['prompts', 'more'],
      }),
    ).toEqual({
      'prompts/a.md':
        'Its prompt id "a" is also that of prompts/a.txt, more/a.txt, prompts/A.txt; rename one of them.',
      'prompts/a.txt': expect.stringContaining('prompts/a.md'),
      'more/a.txt': expect.stringContaining('prompts/a.md'),
      'prompts/A.txt': expect.stringContaining('prompts/a.md'),
    })
  })

  it('does not take the id of a good one while it has a trouble of its own', () => {
    expect(ids([['prompts/a.md', '120000'], 'prompts/a.txt'])).toEqual(['prompts/a.txt is a'])
  })
})

describe('a reader of trees', () => {
  it('gives each tree its own answer', () => {
    const readTree = createTreeReader(LAYOUT)
    const entry = (path: string, mode: TreeEntry['mode'] = '100644') => ({ path, mode, oid: path })
    expect(readTree([entry('prompts/a.txt')]).files).toHaveLength(1)
    expect(readTree([entry('prompts/a.txt', '120000')]).quarantined).toHaveLength(1)
    expect(readTree([entry('prompts/a.txt'), entry('prompts/a.md')]).files).toEqual([])
    expect(readTree([entry('prompts/a.txt')]).files).toHaveLength(1)
  })

  it('lists in the order of the paths', () => {
    const { quarantined } = read(['prompts/a.md', 'prompts/a.txt', 'prompts/b b.txt'])
    expect(quarantined.map(({ path }) => path)).toEqual(['prompts/a.md', 'prompts/a.txt', 'prompts/b b.txt'])
  })
})
