import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { compare, parse } from 'semver'

const run = promisify(execFile)

/** A bundle with the real history of real prompts, stored next to the project. */
export const BUNDLE = fileURLToPath(new URL('../../../shared/data/fabric-patterns.bundle', import.meta.url))

/** Why tests on the bundle cannot run here; `undefined` if they can, or if they must (REQUIRE_ALL). */
export function fabricMissing(): string | undefined {
  if (existsSync(BUNDLE) || process.env.REQUIRE_ALL === '1') return undefined
  return 'the bundle of real prompts is missing next to this project'
}

export interface HistoryTag {
  readonly name: string
  /** The object of the ref: a tag object if the tag is annotated. */
  readonly object: string
  readonly commit: string
  /** The release under the patterns `v{version}` and `{version}`; `null` if the tag is not a release. */
  readonly release: string | null
}

/** The history as a bare repository without branches and tags, to be replayed. */
export interface History {
  readonly path: string
  /** Oldest first, in commit order. Tags of one commit are ordered by version. */
  readonly tags: readonly HistoryTag[]
  /** The final state of the branch. */
  readonly tip: string
  git(...args: readonly string[]): Promise<string>
  moveBranch(commit: string): Promise<void>
  addTag(tag: HistoryTag): Promise<void>
  /** The bytes of every possible prompt file at a commit, by prompt id, read with git itself. */
  promptsAt(commit: string): Promise<ReadonlyMap<string, Buffer>>
}

export async function openHistory(folder: string): Promise<History> {
  const git = async (...args: readonly string[]) =>
    (await run('git', ['-C', folder, ...args], { maxBuffer: 1e8 })).stdout.trimEnd()
  await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', folder])
  await git(
    'fetch',
    '--quiet',
    '--no-tags',
    BUNDLE,
    '+refs/heads/main:refs/history/main',
    '+refs/tags/*:refs/history-tags/*',
  )
  const order = (await git('rev-list', '--topo-order', '--reverse', 'refs/history/main')).split('\n')
  const lines = (await git('for-each-ref', 'refs/history-tags', '--format=%(refname) %(objectname)')).split(
    '\n',
  )
  const tags = await Promise.all(lines.map((line) => historyTag(git, line)))
  const position = new Map(order.map((commit, index) => [commit, index]))
  tags.sort((a, b) => (position.get(a.commit) ?? 0) - (position.get(b.commit) ?? 0) || compareReleases(a, b))
  const bytesOf = readBlobs(folder)
  return {
    path: folder,
    tags,
    tip: order.at(-1) ?? '',
    git,
    moveBranch: async (commit) => void (await git('update-ref', 'refs/heads/main', commit)),
    addTag: async (tag) => void (await git('update-ref', `refs/tags/${tag.name}`, tag.object)),
    async promptsAt(commit) {
      const files = (await git('ls-tree', '-r', '-z', commit, '--', 'patterns')).split('\0').filter(Boolean)
      return new Map(files.flatMap((line) => promptFile(line, bytesOf)))
    },
  }
}

async function historyTag(git: History['git'], line: string): Promise<HistoryTag> {
  const [ref = '', object = ''] = line.split(' ')
  const name = ref.replace('refs/history-tags/', '')
  const version = name.replace(/^v/, '')
  const release = parse(version) === null ? null : version
  return { name, object, commit: await git('rev-parse', `${object}^{commit}`), release }
}

function compareReleases(a: HistoryTag, b: HistoryTag): number {
  return a.release === null || b.release === null ? 0 : compare(a.release, b.release)
}

function promptFile(line: string, bytesOf: ReadonlyMap<string, Buffer>): [string, Buffer][] {
  const [meta = '', path = ''] = line.split('\t')
  const [mode, , oid = ''] = meta.split(' ')
  const bytes = bytesOf.get(oid)
  const isPrompt = mode?.startsWith('100') && path.endsWith('.md') && !path.endsWith('/README.md')
  if (!isPrompt || bytes === undefined || bytes.length === 0) return []
  return [[path.slice('patterns/'.length, -'.md'.length), bytes]]
}

function readBlobs(folder: string): Map<string, Buffer> {
  const output = execFileSync(
    'git',
    ['-C', folder, 'cat-file', '--batch', '--batch-all-objects', '--buffer'],
    { maxBuffer: 1e9 },
  )
  const blobs = new Map<string, Buffer>()
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf('\n', at)
    const [oid = '', type, size] = output.toString('latin1', at, end).split(' ')
    const next = end + 1 + Number(size)
    if (type === 'blob') blobs.set(oid, output.subarray(end + 1, next))
    at = next + 1
  }
  return blobs
}
