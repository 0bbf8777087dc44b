import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Oid, type RefListing, SourceError } from '../git-source.ts'
import { localGit, whileUnsafe } from './cache.ts'
import type { GitCommand } from './command.ts'
import { inspect } from './inspect.ts'

/**
 * One ref for each listed commit, named after it. A commit that was ever listed stays (a moved tag's too), a
 * deleted tag `v1` never collides with a new tag `v1/x`, and "is it all there?" is a comparison of names.
 * The refs are written only when the commit and its history are there.
 */
const KEEP = 'refs/keep/'

// Not `origin`: people have settings for that name in their own configuration.
const REMOTE = 'prompt-registry-source'

/** Small packs, one or two a fetch, slow git down by the hundred. */
const MOST_PACKS = 50

/**
 * Makes the listing's commits, with their history and trees, readable in `directory`. Asks the remote nothing
 * when they are, one fetch when they are not. Throws `object_missing` when the remote took one away meanwhile.
 */
export async function fetchListing(
  git: GitCommand,
  directory: string,
  listing: RefListing,
  signal?: AbortSignal,
): Promise<void> {
  const kept = await keptCommits(git, directory)
  const wanted = new Map(listing.tags.map((tag) => [tag.commit, `refs/tags/${tag.name}`]))
  wanted.set(listing.commit, `refs/heads/${listing.branch}`)
  for (const oid of kept) wanted.delete(oid)
  if (wanted.size === 0) return
  await refuseShallow(git)
  await whileUnsafe(directory, async () => {
    await fetchCommits(git, directory, wanted, signal)
    await keep(git, directory, wanted.keys())
    await repackSometimes(git, directory)
  })
}

/**
 * A local clone without its full history cannot tell which releases are on the branch; besides, a partial
 * clone of one sends git before 2.45 into fetches of fetches without end.
 */
async function refuseShallow(git: GitCommand): Promise<void> {
  if (git.remote.protocols !== 'file') return
  const path = git.remote.url.startsWith('file:') ? fileURLToPath(git.remote.url) : git.remote.url
  let answer = ''
  const question = ['-C', path, 'rev-parse', '--is-shallow-repository']
  await git.end('local', question, { onOutput: (chunk) => (answer += chunk) })
  if (answer.trim() !== 'true') return
  throw new SourceError(
    'unreachable',
    'The repository is a shallow clone: run `git fetch --unshallow` in it, or check it out with its full history.',
  )
}

/** Asks for all of them in one request. Throws `object_missing` when the remote does not have one. */
export async function fetchBlobs(
  git: GitCommand,
  directory: string,
  blobs: readonly Oid[],
  signal: AbortSignal,
): Promise<void> {
  await whileUnsafe(directory, async () => {
    // Without `noop` git would first tell the remote about every commit it has, which says nothing of blobs.
    const settings = ['-c', 'fetch.negotiationAlgorithm=noop']
    const end = await fetch(git, directory, blobs, settings, signal)
    if (end.code !== 0) throw git.failure('remote', 'fetch the files', end, signal)
  })
}

/**
 * By object name first: that is exact, and git matches thousands of ref names slowly (5,000 take it 12 s). What
 * is refused, by an old server or since a tag has just gone, is asked for by the names that were listed; they
 * may have moved, so what came is compared with the listing.
 */
async function fetchCommits(
  git: GitCommand,
  directory: string,
  wanted: ReadonlyMap<Oid, string>,
  signal?: AbortSignal,
): Promise<void> {
  const byOid = await fetch(git, directory, [...wanted.keys()], [], signal)
  if (byOid.code !== 0) {
    const failure = git.failure('remote', 'fetch the commits', byOid, signal)
    if (failure.code !== 'object_missing') throw failure
    const byName = await fetch(git, directory, [...wanted.values()], [], signal)
    if (byName.code !== 0) throw git.failure('remote', 'fetch the commits', byName, signal)
  }
  const found = await inspect(git, directory, [...wanted.keys()])
  for (const [oid, name] of wanted) {
    if (found.has(oid)) continue
    const sentence = `The repository listed ${name} but no longer has its commit: read it again.`
    throw new SourceError('object_missing', sentence)
  }
}

/** What to fetch goes in through stdin: thousands of names do not fit into arguments, nor can they be options. */
function fetch(
  git: GitCommand,
  directory: string,
  what: readonly string[],
  settings: readonly string[],
  signal?: AbortSignal,
) {
  // The partial clone is declared here and not in the cache's configuration: commands that only read must
  // never fetch what they miss, one object at a time.
  const remote = [`url=${git.remote.url}`, 'promisor=true', 'partialCloneFilter=blob:none']
  const declared = remote.flatMap((setting) => ['-c', `remote.${REMOTE}.${setting}`])
  const flags = [
    '--stdin',
    '--no-tags',
    '--no-write-fetch-head',
    '--no-prune',
    '--progress',
    '--filter=blob:none',
  ]
  return git.end('remote', ['--git-dir', directory, ...declared, ...settings, 'fetch', ...flags, REMOTE], {
    input: what.map((name) => `${name}\n`).join(''),
    signal,
  })
}

async function keptCommits(git: GitCommand, directory: string): Promise<string[]> {
  const list = ['for-each-ref', '--format=%(refname)', KEEP]
  const output = await localGit('read the cache', () => git.simple(directory).raw(list))
  return output.split('\n').flatMap((name) => (name.startsWith(KEEP) ? [name.slice(KEEP.length)] : []))
}

// From here on no signal: a moment of local work that had better end than be repaired.

async function keep(git: GitCommand, directory: string, oids: Iterable<Oid>): Promise<void> {
  const input = [...oids].map((oid) => `update ${KEEP}${oid} ${oid}\n`).join('')
  await git.run('local', 'note the commits', ['--git-dir', directory, 'update-ref', '--stdin'], { input })
  await git.run('local', 'pack the refs', ['--git-dir', directory, 'pack-refs', '--all'])
}

async function repackSometimes(git: GitCommand, directory: string): Promise<void> {
  const files = await readdir(join(directory, 'objects', 'pack'))
  if (files.filter((name) => name.endsWith('.pack')).length <= MOST_PACKS) return
  const promisor = ['-c', `remote.${REMOTE}.promisor=true`, '-c', 'repack.writeBitmaps=false']
  const repack = ['repack', '-a', '-d', '--keep-unreachable', '--quiet']
  await git.run('local', 'pack the cache', ['--git-dir', directory, ...promisor, ...repack])
}
