import { describe, expect, it } from 'vitest'
import { ROUTE_WORDS } from '../../../api/contract/prompt-id.ts'
import type { Layout } from '../../../controller/prompts/layout-fields.ts'
import { CostlyPatterns, createTreeReader } from '../../../controller/prompts/read-tree.ts'
import type { TreeEntry } from '../../../controller/source/git-source.ts'

const LAYOUT: Layout = {
  directories: ['prompts'],
  include: ['**/*.txt', '**/*.md'],
  exclude: ['**/README.md'],
  idPrefix: '',
}

const laidOut = (different: Partial<Layout> = {}): Layout => ({ ...LAYOUT, ...different })

type Listed = string | readonly [path: string, mode: TreeEntry['mode']]

function entriesOf(paths: readonly Listed[]): TreeEntry[] {
  return paths.map((listed, index) => {
    const [path, mode] = typeof listed === 'string' ? [listed, '100644' as const] : listed
    return { path, mode, oid: String(index) }
  })
}

const read = (paths: readonly Listed[], layout: Partial<Layout> = {}) =>
  createTreeReader(laidOut(layout))(entriesOf(paths))

function ids(paths: readonly Listed[], layout: Partial<Layout> = {}): string[] {
  return read(paths, layout).files.map(({ id, path }) => `${path} is ${id}`)
}

function reasons(paths: readonly Listed[], layout: Partial<Layout> = {}): Record<string, string> {
  return Object.fromEntries(read(paths, layout).quarantined.map(({ path, reason }) => [path, reason]))
}

describe('the id of a file', () => {
  it('is its path below the directory without the extension', () => {
    expect(ids(['prompts/a.txt', 'prompts/b/c.d.md', 'prompts/x', 'elsewhere/e.txt', 'f.txt'])).toEqual([
      'prompts/a.txt is a',
      'prompts/b/c.d.md is b/c.d',
    ])
  })

  it('begins with the prefix', () => {
    expect(ids(['prompts/a.txt'], { idPrefix: 'support/' })).toEqual(['prompts/a.txt is support/a'])
  })

  it.each(['.', './', './.'])('counts from the root for the directory "%s"', (directory) => {
    expect(ids(['a.txt', 'b/c.txt'], { directories: [directory] })).toEqual(['a.txt is a', 'b/c.txt is b/c'])
  })

  it.each(['prompts', 'prompts/', './prompts', './prompts//', 'prompts/.', 'x/../prompts'])(
    'is the same for the directory "%s"',
    (directory) => {
      expect(ids(['prompts/a.txt', 'prompts2/b.txt'], { directories: [directory] })).toEqual([
        'prompts/a.txt is a',
      ])
    },
  )

  it('is relative to the innermost directory, in any order of directories', () => {
    const paths = ['prompts/a.txt', 'prompts/team/b.txt', 'prompts/teams/c.txt']
    const expected = ['prompts/a.txt is a', 'prompts/team/b.txt is b', 'prompts/teams/c.txt is teams/c']
    expect(ids(paths, { directories: ['prompts', 'prompts/team'] })).toEqual(expected)
    expect(ids(paths, { directories: ['prompts/team', 'prompts'] })).toEqual(expected)
  })

  it('is in composed form, also if the name on disk is not', () => {
    expect(ids(['prompts/Zu\u0308rich.txt'])).toEqual(['prompts/Zu\u0308rich.txt is Z\u00FCrich'])
  })

  it('comes from names and folders that begin with a dot', () => {
    expect(ids(['prompts/.github/review.md', 'prompts/.draft.txt', 'prompts/.md'], { exclude: [] })).toEqual([
      'prompts/.github/review.md is .github/review',
      'prompts/.draft.txt is .draft',
      'prompts/.md is .md',
    ])
  })

  it('has the prefix of its directory after that of the source', () => {
    const directories = ['prompts', { path: './agents/prompts/', idPrefix: 'agents/' }]
    const paths = ['agents/prompts/a.txt', 'prompts/a.txt']
    expect(ids(paths, { directories, idPrefix: 'team/' })).toEqual([
      'agents/prompts/a.txt is team/agents/a',
      'prompts/a.txt is team/a',
    ])
  })

  it('is known for a file that cannot become a version, if its name is a valid id', () => {
    const tree = read(['prompts/a.md', 'prompts/a.txt', ['prompts/b.txt', '120000'], 'prompts/c:c.txt'])
    expect([...tree.ids]).toEqual([
      ['prompts/a.md', 'a'],
      ['prompts/a.txt', 'a'],
      ['prompts/b.txt', 'b'],
    ])
    expect(tree.files).toEqual([])
  })
})

describe('a file that the layout leaves out', () => {
  it('is ignored, with the deciding patterns', () => {
    const { files, ignored, quarantined } = read([
      'prompts/a.png',
      'prompts/README.md',
      'prompts/d/README.md',
    ])
    expect({ files, quarantined }).toEqual({ files: [], quarantined: [] })
    expect(ignored.map(({ path, reason }) => `${path}: ${reason}`)).toEqual([
      'prompts/a.png: It matches no include pattern (**/*.txt, **/*.md).',
      'prompts/README.md: It matches an exclude pattern (**/README.md).',
      'prompts/d/README.md: It matches an exclude pattern (**/README.md).',
    ])
  })

  it('shares a short reason with all others, even with many patterns', () => {
    const include = Array.from({ length: 1000 }, (_, index) => `*.e${index}`)
    expect(read(['prompts/a.png'], { include }).ignored[0]?.reason).toBe(
      'It matches no include pattern (*.e0, *.e1, *.e2, *.e3, *.e4 and 995 more).',
    )
  })

  it('is not quarantined, regardless of name and kind', () => {
    const { ignored, quarantined } = read([
      'prompts/caf\uFFFD.png',
      ['prompts/link', '120000'],
      ['prompts/module', '160000'],
      'prompts/.hidden.png',
      'prompts/bad:name.png',
    ])
    expect(quarantined).toEqual([])
    expect(ignored).toHaveLength(5)
  })

  it('is not listed outside of the directories', () => {
    const { directories: _, ...tree } = read(['other/a b.txt', 'prompts.txt', 'promptsX/a.txt'])
    expect(tree).toEqual({ files: [], quarantined: [], ignored: [], ids: new Map() })
  })

  it('does not exist if nothing is excluded', () => {
    expect(ids(['prompts/README.md'], { exclude: [] })).toEqual(['prompts/README.md is README'])
  })
})

describe('an included file is quarantined', () => {
  it('if it is a link or a submodule, but not if it is executable', () => {
    expect(
      reasons([
        ['prompts/link.txt', '120000'],
        ['prompts/module.txt', '160000'],
        ['prompts/run.txt', '100755'],
      ]),
    ).toEqual({
      'prompts/link.txt': 'It is a symbolic link; commit the file itself.',
      'prompts/module.txt': 'It is a submodule; add its repository as a source of its own.',
    })
  })

  it.each([
    ['a:b', 'write "a-b"'],
    ['-a', 'write "a"'],
    ['CON', 'Windows reserves'],
    ['a_v2', 'version pin'],
    ['a_v1.2.3', 'version pin'],
    ['x@1', 'write "x-1"'],
    ['1/2/3/4/5/6/7/8/9/a/b/c/d/e/f/g/h', 'at most 16 segments'],
    ['x'.repeat(201), 'at most 200 characters'],
    ['x'.repeat(121), 'at most 120 bytes'],
    ...ROUTE_WORDS.map((word): [string, string] => [`a/${word}`, `"${word}"`]),
  ] satisfies [string, string][])('if "%s" cannot be an id, with the reason', (id, reason) => {
    expect(reasons([`prompts/${id}.txt`, 'prompts/good.txt'])).toEqual({
      [`prompts/${id}.txt`]: expect.stringContaining(reason),
    })
  })

  it('if its name is not UTF-8', () => {
    expect(reasons(['prompts/caf\uFFFD.txt'])).toEqual({
      'prompts/caf\uFFFD.txt': 'The file name is not valid UTF-8; rename the file.',
    })
  })

  it('if the prefix makes its id invalid', () => {
    expect(reasons(['prompts/a.txt'], { idPrefix: 'my: team/' })['prompts/a.txt']).toContain('"my- team/a"')
  })

  it('if another file has its id: by extension, by directory, by case; and so is the other file', () => {
    const directories = ['prompts', 'more']
    const paths = ['prompts/a.md', 'prompts/a.txt', 'more/a.txt', 'prompts/A.txt', 'prompts/b.txt']
    expect(reasons(paths, { directories })).toEqual({
      'prompts/a.md':
        'Its prompt id "a" is also the id of prompts/a.txt, more/a.txt, prompts/A.txt; rename one of them, or set `id:` for one in .promptctl.yaml.',
      'prompts/a.txt': expect.stringContaining('prompts/a.md'),
      'more/a.txt': expect.stringContaining('prompts/a.md'),
      'prompts/A.txt': expect.stringContaining('prompts/a.md'),
    })
    expect(ids(paths, { directories })).toEqual(['prompts/b.txt is b'])
  })

  it('with a short reason, even if many files have its id', () => {
    const paths = Array.from({ length: 2000 }, (_, index) => `prompts/a.x${index}`)
    const found = reasons(paths, { include: ['**'] })
    expect(Object.keys(found)).toHaveLength(2000)
    expect(found['prompts/a.x0']).toBe(
      'Its prompt id "a" is also the id of prompts/a.x1, prompts/a.x2, prompts/a.x3, prompts/a.x4, prompts/a.x5 and 1994 more; rename one of them, or set `id:` for one in .promptctl.yaml.',
    )
    expect(found['prompts/a.x1999']).toMatch(/of prompts\/a\.x0, .* prompts\/a\.x4 and 1994 more;/)
  })

  it('without blocking a valid file with its id', () => {
    expect(ids([['prompts/a.md', '120000'], 'prompts/a.txt'])).toEqual(['prompts/a.txt is a'])
  })
})

describe('a directory of the layout', () => {
  it.each<[what: string, paths: readonly Listed[], found: object]>([
    ['is missing if nothing is there', ['other/a.txt'], { kind: 'missing', at: 'prompts' }],
    ['is missing if only a longer name is there', ['prompts2/a.txt'], { kind: 'missing', at: 'prompts' }],
    ['is a file if one has its name', ['prompts'], { kind: 'file' }],
    ['is a link if one has its name', [['prompts', '120000']], { kind: 'symlink' }],
    ['is a submodule if one has its name', [['prompts', '160000']], { kind: 'submodule' }],
    ['is there with the files it has', ['prompts/a.txt'], { kind: 'directory', prompts: 1, ignored: 0 }],
    ['counts what is left out', ['prompts/a.png'], { kind: 'directory', prompts: 0, ignored: 1 }],
    [
      'counts prompt files that cannot become a version',
      ['prompts/a:a.txt', ['prompts/b.txt', '120000'], 'prompts/c.md', 'prompts/c.txt', 'prompts/d.png'],
      { kind: 'directory', prompts: 4, ignored: 1 },
    ],
  ])('%s', (_what, paths, found) => {
    expect(read(paths).directories).toEqual([expect.objectContaining({ directory: 'prompts', ...found })])
  })

  it.each([
    ['a link', '120000', 'symlink'],
    ['a submodule', '160000', 'submodule'],
    ['a file', '100644', 'file'],
  ] as const)('cannot be there if %s is on the way to it', (_what, mode, kind) => {
    const [found] = read([['vendor', mode], 'vendored/prompts/a.txt'], {
      directories: ['vendor/team/prompts'],
    }).directories
    expect(found).toEqual({ directory: 'vendor/team/prompts', kind, at: 'vendor', prompts: 0, ignored: 0 })
  })

  it('includes the files of a nested directory of the layout', () => {
    const directories = ['prompts', 'prompts/team', 'prompts/old']
    expect(read(['prompts/team/a.txt', 'prompts/team/b.png'], { directories }).directories).toEqual([
      { directory: 'prompts/team', kind: 'directory', at: 'prompts/team', prompts: 1, ignored: 1 },
      { directory: 'prompts/old', kind: 'missing', at: 'prompts/old', prompts: 0, ignored: 0 },
      { directory: 'prompts', kind: 'directory', at: 'prompts', prompts: 1, ignored: 1 },
    ])
  })

  it('exists if it is the root, even of an empty tree', () => {
    expect(read([], { directories: ['.'] }).directories).toEqual([
      { directory: '', kind: 'directory', at: '', prompts: 0, ignored: 0 },
    ])
  })

  it('is listed once, even if the layout repeats it in several spellings', () => {
    const directories = ['prompts', './prompts/', 'prompts']
    expect(read(['prompts/a.txt'], { directories }).directories).toEqual([
      { directory: 'prompts', kind: 'directory', at: 'prompts', prompts: 1, ignored: 0 },
    ])
  })
})

describe('a reader of trees', () => {
  it('returns a separate result for each tree', () => {
    const readTree = createTreeReader(LAYOUT)
    const tree = (...paths: Listed[]) => readTree(entriesOf(paths))
    expect(tree('prompts/a.txt').files).toHaveLength(1)
    expect(tree(['prompts/a.txt', '120000']).quarantined).toHaveLength(1)
    expect(tree('prompts/a.txt', 'prompts/a.md').files).toEqual([])
    expect(tree('other.txt').directories).toMatchObject([{ kind: 'missing', prompts: 0 }])
    expect(tree('prompts/a.txt')).toMatchObject({ files: [{ id: 'a' }], directories: [{ prompts: 1 }] })
  })

  it('refuses a tree whose paths take one comparison too many, however many of them it remembers', () => {
    const layout = { ...LAYOUT, include: [`${'*a'.repeat(20)}b`], exclude: [] }
    const tree = entriesOf(Array.from({ length: 5 }, (_, index) => `prompts/${'a'.repeat(30)}${index}`))
    const readWithin = (most: number) => () => createTreeReader(layout, most)(tree)
    const least = Array.from({ length: 2000 }, (_, most) => most).find((most) => {
      try {
        return readWithin(most)().ignored.length === 5
      } catch {
        return false
      }
    })
    expect(least).toBeGreaterThan(5 * 30)
    expect(readWithin((least ?? 0) - 1)).toThrow(CostlyPatterns)
    const again = createTreeReader(layout, least)
    for (let time = 0; time < 3; time++) expect(again(tree).ignored).toHaveLength(5)
    expect(() => again([...tree, ...entriesOf(['prompts/c'])])).toThrow(CostlyPatterns)
  })

  it('lists in the order of the paths', () => {
    const { quarantined } = read(['prompts/a.md', 'prompts/a.txt', 'prompts/b:b.txt'])
    expect(quarantined.map(({ path }) => path)).toEqual(['prompts/a.md', 'prompts/a.txt', 'prompts/b:b.txt'])
  })
})
