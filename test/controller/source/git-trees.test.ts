import { describe, expect, test } from 'vitest'
import { parseTree } from '../../../controller/source/git/parse-tree.ts'
import type { TreeScope } from '../../../controller/source/git-source.ts'
import type { Oid } from '../../../controller/source/oid.ts'
import type { TestRepository } from '../../support/git-repository.ts'
import { sourceOf, type World, withWorld } from './git-world.ts'

/** Its tree object has more than 4 MiB: larger than what is held here. */
const LARGE = 130_000

const names = Array.from({ length: LARGE }, (_, index) => `file-${String(index).padStart(6, '0')}.txt`)

/** `<mode> <type> <oid>\t<name>` lines. */
const makeTree = ({ gitWith }: TestRepository, lines: readonly string[]): Promise<Oid> =>
  gitWith(lines.map((line) => `${line}\0`).join(''), 'mktree', '-z', '--missing')

async function withTree(
  make: (blob: Oid, repository: TestRepository) => Promise<readonly string[]>,
  look: (read: (scope: TreeScope) => Promise<string[]>, world: World) => Promise<void>,
): Promise<void> {
  await withWorld(async (world) => {
    const { repository, options } = world
    const blob = await repository.gitWith('x', 'hash-object', '-w', '--stdin')
    const tree = await makeTree(repository, await make(blob, repository))
    await repository.git(
      'update-ref',
      'refs/heads/main',
      await repository.git('commit-tree', '-m', 'x', tree),
    )
    const source = sourceOf(options())
    const refs = await source.listRefs()
    const snapshot = await source.open(refs)
    const read = async (scope: TreeScope) =>
      (await snapshot.tree(refs.commit, scope)).map(({ mode, path }) => `${mode} ${path}`)
    await look(read, world).finally(() => snapshot.close())
  })
}

describe('a directory that is too large to cache', () => {
  test('costs nothing if only some of its names are wanted, even names that look like options', () =>
    withTree(
      async (blob, repository) => {
        const prompts = await makeTree(repository, [`100644 blob ${blob}\tx.txt`])
        const odd = [':(top)x', '*', '[a]', '-r', 'tab\tand\nline', 'ünï']
        return [
          ...names.map((name) => `100644 blob ${blob}\t${name}`),
          ...odd.map((name) => `040000 tree ${prompts}\t${name}`),
          ...[`040000 tree ${prompts}\tprompts`, `100644 blob ${blob}\tprompts.yaml`],
          `120000 blob ${blob}\tlink`,
        ]
      },
      async (read) => {
        const directories = [
          'prompts',
          'link',
          'absent',
          '*',
          ':(top)x',
          '[a]',
          '-r',
          'tab\tand\nline',
          'ünï',
        ]
        const files = ['prompts.yaml', 'file-000007.txt', `${'x'.repeat(5_000)}`, 'nul\0']
        expect(await read({ directories, files, maxFiles: 10 })).toEqual([
          ...['100644 */x.txt', '100644 -r/x.txt', '100644 :(top)x/x.txt', '100644 [a]/x.txt'],
          ...['100644 file-000007.txt', '120000 link', '100644 prompts.yaml', '100644 prompts/x.txt'],
          ...['100644 tab\tand\nline/x.txt', '100644 ünï/x.txt'],
        ])
      },
    ))

  test('is listed completely up to the limit of files, and refused with one more', () =>
    withTree(
      async (blob) => names.map((name) => `100644 blob ${blob}\t${name}`),
      async (read, { repository }) => {
        const whole = { directories: [''], files: [] }
        const truth = await repository.git('ls-tree', '-r', '--format=%(objectmode) %(path)', 'main')
        expect(await read({ ...whole, maxFiles: LARGE })).toEqual(truth.split('\n'))
        await expect(read({ ...whole, maxFiles: LARGE - 1 })).rejects.toMatchObject({ code: 'too_large' })
      },
    ))

  test('is not held either if its names are long', () =>
    withTree(
      async (blob) =>
        Array.from({ length: 4_000 }, (_, i) => `100644 blob ${blob}\t${String(i).padStart(4_000, 'x')}`),
      async (read) => {
        await expect(read({ directories: [''], files: [], maxFiles: 20_000 })).rejects.toMatchObject({
          code: 'too_large',
          message: expect.stringContaining('too long together'),
        })
      },
    ))
})

describe('the bytes of a directory', () => {
  const entry = (mode: string, name: string) =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.alloc(20, 1)])

  test('are its entries', () => {
    const bytes = Buffer.concat([entry('100644', 'a b'), entry('40000', 'c')])
    expect(parseTree(bytes, 20)).toMatchObject([
      { name: 'a b', mode: '100644' },
      { name: 'c', mode: 'directory' },
    ])
    expect(parseTree(Buffer.alloc(0), 20)).toEqual([])
  })

  test.each([
    ['no end of a name', Buffer.from('100644 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')],
    ['no mode', Buffer.concat([Buffer.from('abc\0'), Buffer.alloc(40, 32)])],
    ['a name that is cut', Buffer.concat([entry('100644', 'a'), Buffer.from('100644 b')])],
    ['an object name that is cut', entry('100644', 'a').subarray(0, -1)],
    ['nothing but spaces', Buffer.alloc(100, 32)],
  ])('are malformed with %s', (_what, bytes) => {
    expect(parseTree(bytes, 20)).toBeUndefined()
  })
})
