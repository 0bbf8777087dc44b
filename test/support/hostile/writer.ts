import type { TestRepository } from '../git-repository.ts'

/** An entry of a tree: `<mode> <type> <oid>\t<name>`, as `git mktree` takes it. */
export interface Entry {
  readonly name: string
  readonly mode: '100644' | '120000' | '160000' | '040000'
  readonly oid: string
}

/** Writes objects that git's own commands would not write. Everything becomes readable by `commit`. */
export interface Writer {
  readonly repository: TestRepository
  blob(bytes: string | Uint8Array): Promise<string>
  tree(entries: readonly Entry[]): Promise<string>
  /** Any object, however malformed. */
  object(type: 'blob' | 'tree' | 'commit' | 'tag', bytes: string | Uint8Array): Promise<string>
  /** A commit of these files on the branch, whatever their names. */
  files(files: Iterable<readonly [path: string, text: string | Uint8Array]>): Promise<void>
  /** A commit of a root directory on the branch. */
  commit(root: string): Promise<string>
  tag(name: string, oid?: string): Promise<void>
}

export function writerOf(repository: TestRepository): Writer {
  const { git, gitWith } = repository
  const writer: Writer = {
    repository,
    blob: (bytes) => gitWith(bytes, 'hash-object', '-w', '--stdin'),
    tree: (entries) => {
      const lines = entries.map(({ name, mode, oid }) => `${mode} ${typeOf(mode)} ${oid}\t${name}\0`)
      return gitWith(lines.join(''), 'mktree', '-z', '--missing')
    },
    object: (type, bytes) => gitWith(bytes, 'hash-object', '-t', type, '-w', '--literally', '--stdin'),
    async files(files) {
      const parts: Uint8Array[] = [
        Buffer.from('commit refs/heads/main\ncommitter Cleo <cleo@example.com> 1770000000 +0000\ndata 0\n'),
      ]
      for (const [path, text] of files) {
        const bytes = Buffer.from(text)
        parts.push(
          Buffer.from(`M 100644 inline ${quoted(path)}\ndata ${bytes.length}\n`),
          bytes,
          Buffer.from('\n'),
        )
      }
      await gitWith(Buffer.concat(parts), 'fast-import', '--quiet', '--force')
    },
    async commit(root) {
      const commit = await git('commit-tree', '-m', 'hostile', root)
      await git('update-ref', 'refs/heads/main', commit)
      return commit
    },
    async tag(name, oid = 'refs/heads/main') {
      await git('update-ref', `refs/tags/${name}`, oid)
    },
  }
  return writer
}

function typeOf(mode: Entry['mode']): string {
  if (mode === '040000') return 'tree'
  return mode === '160000' ? 'commit' : 'blob'
}

/** As fast-import reads it: the bytes of odd characters in octal. */
function quoted(path: string): string {
  const plain = (byte: number) => byte > 31 && byte < 127 && byte !== 34 && byte !== 92
  const bytes = [...Buffer.from(path)].map((byte) =>
    plain(byte) ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`,
  )
  return `"${bytes.join('')}"`
}

export const file = (name: string, oid: string): Entry => ({ name, mode: '100644', oid })
export const directory = (name: string, oid: string): Entry => ({ name, mode: '040000', oid })

/** The root with `prompts` as its one directory. */
export async function commitPrompts({ tree, commit }: Writer, prompts: string): Promise<string> {
  return await commit(await tree([directory('prompts', prompts)]))
}

/** A directory with `width` times itself in each of `depth` levels above one file. */
export async function nested({ tree, blob }: Writer, width: number, depth: number): Promise<string> {
  let below = await tree([file('f.txt', await blob('x'))])
  for (let level = 0; level < depth; level++)
    below = await tree(names(width).map((name) => directory(name, below)))
  return below
}

export const names = (count: number, start = 'd'): string[] =>
  Array.from({ length: count }, (_, index) => `${start}${String(index).padStart(6, '0')}`)

/** `prompts/<name>.txt` for each name, with a text of its own. */
export function promptFiles(count: number, text: (index: number) => string | Uint8Array) {
  return names(count, 'p').map((name, index) => [`prompts/${name}.txt`, text(index)] as const)
}
