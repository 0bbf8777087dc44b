import { expect } from 'vitest'
import type { GitSnapshot, TreeScope } from '../../controller/source/git-source.ts'
import { SourceError } from '../../controller/source/git-source.ts'
import type { Oid } from '../../controller/source/oid.ts'
import { WHOLE_TREE } from '../../controller/source/tree-scope.ts'
import type { FileChange, TestRepository } from '../support/git-repository.ts'
import type { GitSourceCase, GitSourceHarness } from './git-source.contract.ts'
import { expectFailure } from './git-source.failure.ts'
import type { Fault } from './git-source.faults.ts'

const within = (...directories: string[]): TreeScope => ({ directories, files: [], maxFiles: 1_000 })

/** The newest commit, in a view of it. */
async function look({ make }: GitSourceHarness, repository: TestRepository) {
  const source = make(repository)
  const refs = await source.listRefs()
  const snapshot = await source.open(refs)
  const read = async (scope: TreeScope) =>
    (await snapshot.tree(refs.commit, scope)).map(({ mode, path }) =>
      mode === '100644' ? path : [mode, path],
    )
  return { snapshot, tip: refs.commit, read }
}

async function committed(harness: GitSourceHarness, files: Readonly<Record<string, FileChange>>) {
  const repository = await harness.createRepository()
  await repository.commit(files)
  return repository
}

/** A directory object, which may be made of any others: `<mode> <type> <oid>\t<name>` lines. */
function makeTree({ gitWith }: TestRepository, lines: readonly string[]): Promise<Oid> {
  return gitWith(lines.map((line) => `${line}\n`).join(''), 'mktree', '--missing')
}

/** Ten objects for a tree of 10 ** 10 files, or of as many directories without a file. */
async function bottomless(repository: TestRepository, { files }: { readonly files: boolean }): Promise<Oid> {
  const names = Array.from({ length: 10 }, (_, index) => `n${index}`)
  const blob = await repository.gitWith('text\n', 'hash-object', '-w', '--stdin')
  let tree = await makeTree(repository, files ? names.map((name) => `100644 blob ${blob}\t${name}`) : [])
  for (let level = 1; level < 10; level++) {
    const below = tree
    tree = await makeTree(
      repository,
      names.map((name) => `040000 tree ${below}\t${name}`),
    )
  }
  return tree
}

/** A commit of the branch whose root has these entries. */
async function commitTree(repository: TestRepository, lines: readonly string[]): Promise<Oid> {
  const commit = await repository.git('commit-tree', '-m', 'made', await makeTree(repository, lines))
  await repository.git('update-ref', 'refs/heads/main', commit)
  return commit
}

export const treeCases: readonly GitSourceCase[] = [
  {
    name: 'gives only what lies below the directories of a scope, and its named files, sorted by path',
    async run(harness) {
      const repository = await committed(harness, {
        '.promptctl.yaml': 'x',
        'README.md': 'x',
        'prompts.txt': 'x',
        'prompts/a.txt': 'x',
        'prompts/team/b.txt': 'x',
        'prompts-old/c.txt': 'x',
        'other/prompts/d.txt': 'x',
        'other/deep/er/e.txt': 'x',
        'other/deep/f.txt': 'x',
      })
      const { snapshot, read } = await look(harness, repository)
      expect(await read(within('prompts'))).toEqual(['prompts/a.txt', 'prompts/team/b.txt'])
      const files = ['other/deep/f.txt', '.promptctl.yaml', 'prompts/a.txt', 'absent.txt', 'other']
      const many = { directories: ['prompts', 'other/deep/er', 'prompts/team'], files, maxFiles: 9 }
      expect(await read(many)).toEqual([
        ...['.promptctl.yaml', 'other/deep/er/e.txt', 'other/deep/f.txt'],
        ...['prompts/a.txt', 'prompts/team/b.txt'],
      ])
      expect(await read({ ...many, directories: [] })).toEqual([
        '.promptctl.yaml',
        'other/deep/f.txt',
        'prompts/a.txt',
      ])
      expect(await read(within('', 'prompts'))).toEqual(await read(WHOLE_TREE))
      expect(
        await read(within('prompt', 'prompts/a', 'PROMPTS', '/prompts', 'prompts/', './prompts', '..')),
      ).toEqual([])
      expect(await read(within())).toEqual([])
      await snapshot.close()
    },
  },
  {
    name: 'gives the link, submodule or file that stands where a directory of the scope should be, as what it is',
    async run(harness) {
      const repository = await committed(harness, {
        link: { symlink: 'real' },
        'real/a.txt': 'x',
        file: 'x',
        run: { executable: 'x' },
      })
      const tip = await repository.git('rev-parse', 'HEAD')
      await repository.git('update-index', '--add', '--cacheinfo', `160000,${tip},module`)
      await repository.git('update-index', '--add', '--cacheinfo', `160000,${tip},real/module`)
      await repository.git('commit', '--quiet', '-m', 'submodules')
      const { snapshot, read } = await look(harness, repository)
      expect(await read(within('link', 'module', 'file', 'run', 'absent'))).toEqual([
        ...['file', ['120000', 'link'], ['160000', 'module'], ['100755', 'run']],
      ])
      expect(await read(within('link/deeper', 'module/deeper', 'file/deeper', 'real/module/deeper'))).toEqual(
        [...['file', ['120000', 'link'], ['160000', 'module'], ['160000', 'real/module']]],
      )
      // An entry on the way to a named file is no part of the scope.
      const files = { directories: [], files: ['link', 'module', 'file/deeper', 'real'], maxFiles: 9 }
      expect(await read(files)).toEqual([
        ['120000', 'link'],
        ['160000', 'module'],
      ])
      await snapshot.close()
    },
  },
  {
    name: 'takes the paths of a scope for names, whatever they look like',
    async run(harness) {
      const odd = [
        '*',
        'a?',
        '[ab]',
        ':(top)x',
        ':!a',
        '-r',
        'with space',
        'tab\there',
        'ünï',
        '\u{1F600}',
        '"q"',
      ]
      const files = Object.fromEntries(
        odd.flatMap((name) => [
          [`${name}/x.txt`, 'x'],
          [`in/${name}`, 'x'],
        ]),
      )
      const repository = await committed(harness, {
        ...files,
        'ab/x.txt': 'x',
        'a/x.txt': 'x',
        'r/x.txt': 'x',
      })
      const { snapshot, read } = await look(harness, repository)
      for (const name of odd) {
        expect(await read(within(name)), name).toEqual([`${name}/x.txt`])
        expect(await read({ directories: [], files: [`in/${name}`], maxFiles: 1 })).toEqual([`in/${name}`])
      }
      expect(await read(within(...odd))).toHaveLength(odd.length)
      await snapshot.close()
    },
  },
  {
    name: 'gives as many entries as a scope may have, and says that there are too many where there is one more',
    async run(harness) {
      const repository = await committed(harness, {
        'p/a.txt': 'x',
        'p/b/c.txt': 'x',
        'p/b/d/e/link': { symlink: 'x' },
        'named.txt': 'x',
        'outside/a.txt': 'x',
        'outside/b.txt': 'x',
      })
      const { snapshot, read } = await look(harness, repository)
      const scope = { directories: ['p', 'p/b'], files: ['named.txt', 'p/a.txt'] }
      expect(await read({ ...scope, maxFiles: 4 })).toHaveLength(4)
      await expectFailure(read({ ...scope, maxFiles: 3 }), 'too_large')
      await expectFailure(read({ ...WHOLE_TREE, maxFiles: 5 }), 'too_large')
      // A narrow look after a wide one is narrow, and the other way round.
      expect(await read({ ...scope, maxFiles: 4 })).toHaveLength(4)
      expect(await read({ ...WHOLE_TREE, maxFiles: 6 })).toHaveLength(6)
      await snapshot.close()
    },
  },
  {
    name: 'notices while it lists that there are too many files, or directories without any',
    async run(harness) {
      for (const files of [true, false]) {
        const repository = await harness.createRepository()
        const tree = await bottomless(repository, { files })
        await commitTree(repository, [`040000 tree ${tree}\tp`])
        const { snapshot, read } = await look(harness, repository)
        await expectFailure(read({ directories: ['p'], files: [], maxFiles: 20_000 }), 'too_large')
        await snapshot.close()
      }
    },
  },
  {
    name: 'walks nothing outside of the scope',
    async run(harness) {
      const repository = await harness.createRepository()
      const endless = await bottomless(repository, { files: true })
      const blob = await repository.gitWith('x', 'hash-object', '-w', '--stdin')
      const prompts = await makeTree(repository, [`100644 blob ${blob}\ta.txt`])
      await commitTree(repository, [
        `040000 tree ${endless}\tdata`,
        `040000 tree ${prompts}\tprompts`,
        `100644 blob ${blob}\tx.yaml`,
      ])
      const { snapshot, read } = await look(harness, repository)
      const scope = { directories: ['prompts'], files: ['x.yaml', 'data'], maxFiles: 2 }
      expect(await read(scope)).toEqual(['prompts/a.txt', 'x.yaml'])
      await snapshot.close()
    },
  },
  {
    name: 'reads a scope of thousands of directories',
    async run(harness) {
      const repository = await harness.createRepository()
      const blob = await repository.gitWith('x', 'hash-object', '-w', '--stdin')
      const one = await makeTree(repository, [`100644 blob ${blob}\tSKILL.md`])
      const names = Array.from({ length: 3_000 }, (_, index) => `skill-${String(index).padStart(4, '0')}`)
      const skills = await makeTree(
        repository,
        names.map((name) => `040000 tree ${one}\t${name}`),
      )
      await commitTree(repository, [`040000 tree ${skills}\tskills`])
      const { snapshot, read } = await look(harness, repository)
      const directories = names.filter((_, index) => index % 2 === 0).map((name) => `skills/${name}`)
      const expected = directories.map((path) => `${path}/SKILL.md`)
      expect(await read({ directories, files: [], maxFiles: 1_500 })).toEqual(expected)
      await expectFailure(read({ directories, files: [], maxFiles: 1_499 }), 'too_large')
      await snapshot.close()
    },
  },
]

const [SCOPED = '', PLACED = '', NAMED = '', BOUND = '', ENDLESS = '', OUTSIDE = '', MANY = ''] =
  treeCases.map(({ name }) => name)

export const treeFaults: readonly Fault[] = [
  scopeFault('reads the whole tree whatever the scope', SCOPED, (scope) => ({ ...scope, directories: [''] })),
  scopeFault('leaves named files out', SCOPED, (scope) => ({ ...scope, files: [] })),
  {
    name: 'takes a directory for the beginning of a name',
    caught: SCOPED,
    snapshot: filtered((path, { directories, files }) =>
      [...directories, ...files].some((start) => path.startsWith(start)),
    ),
  },
  {
    name: 'leaves out what stands in the place of a directory',
    caught: PLACED,
    snapshot: (snapshot) => ({
      tree: async (commit, scope) =>
        (await snapshot.tree(commit, scope)).filter(
          ({ path }) => scope.files.includes(path) || !scope.directories.includes(path),
        ),
    }),
  },
  {
    name: 'takes the paths of a scope for patterns',
    caught: NAMED,
    snapshot: filtered((path, { directories, files }) =>
      [...directories.map((one) => `${one}/*`), ...files].some((glob) => asPattern(glob).test(path)),
    ),
  },
  scopeFault('counts no files', BOUND, (scope) => ({ ...scope, maxFiles: 1_000 })),
  scopeFault('takes one file too few for too many', BOUND, (scope) => ({
    ...scope,
    maxFiles: scope.maxFiles - 1,
  })),
  {
    name: 'cuts a tree where it has too many files',
    caught: ENDLESS,
    snapshot: (snapshot) => ({
      tree: (commit, scope) =>
        snapshot.tree(commit, scope).catch((error: unknown) => {
          if (error instanceof SourceError && error.code === 'too_large') return []
          throw error
        }),
    }),
  },
  scopeFault('walks beside the scope', OUTSIDE, (scope) => ({
    ...scope,
    directories: [...scope.directories, 'data'],
  })),
  scopeFault('reads a thousand directories at most', MANY, (scope) => ({
    ...scope,
    directories: scope.directories.slice(0, 1_000),
  })),
]

function scopeFault(name: string, caught: string, change: (scope: TreeScope) => TreeScope): Fault {
  return {
    name,
    caught,
    snapshot: (snapshot) => ({ tree: (commit, scope) => snapshot.tree(commit, change(scope)) }),
  }
}

/** Reads everything and leaves out what does not fit. */
function filtered(fits: (path: string, scope: TreeScope) => boolean) {
  return (snapshot: GitSnapshot): Partial<GitSnapshot> => ({
    tree: async (commit, scope) =>
      (await snapshot.tree(commit, WHOLE_TREE)).filter(({ path }) => fits(path, scope)),
  })
}

function asPattern(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`)
}
