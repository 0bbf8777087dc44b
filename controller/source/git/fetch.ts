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
  const wanted = refsByCommit(listing)
  for (const oid of kept) wanted.delete(oid)
  if (wanted.size === 0) return
  await refuseShallow(git)
  await whileUnsafe(directory, async () => {
    await fetchObjects(git, directory, wanted, signal)
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

/**
 * Asks for all of them in one request. An old server may make partial clones and yet refuse single files; it is
 * then asked for everything that the listed refs hold, once. Whether that brought the files is for the caller
 * to see. Throws `object_missing` when the remote does not have one.
 */
export async function fetchBlobs(
  git: GitCommand,
  directory: string,
  blobs: readonly Oid[],
  listing: RefListing,
  signal: AbortSignal,
): Promise<void> {
  await whileUnsafe(directory, async () => {
    const end = await fetch(git, directory, blobs, { telling: 'nothing' }, signal)
    if (end.code === 0) return
    if (!REFUSED.test(end.errors)) throw git.failure('remote', 'fetch the files', end, signal)
    const refs = [...refsByCommit(listing).values()]
    const whole = await fetch(git, directory, refs, { telling: 'nothing', files: 'all' }, signal)
    if (whole.code !== 0) throw git.failure('remote', 'fetch the files', whole, signal)
  })
}

/**
 * Tag objects beside the commits that are there, by object name, and its ref's name for an old server. Throws
 * `object_missing` when the remote took one away meanwhile.
 */
export async function fetchTagObjects(
  git: GitCommand,
  directory: string,
  wanted: ReadonlyMap<Oid, string>,
  signal: AbortSignal,
): Promise<void> {
  await whileUnsafe(directory, () => fetchObjects(git, directory, wanted, signal))
}

const REFUSED = /does not allow request for unadvertised object/

/** One of the listed names for each listed commit. */
function refsByCommit({ branch, commit, tags, also = [] }: RefListing): Map<Oid, string> {
  return new Map([
    ...tags.map((tag) => [tag.commit, `refs/tags/${tag.name}`] as const),
    ...also.map((one) => [one.commit, one.ref] as const),
    [commit, `refs/heads/${branch}`],
  ])
}

/**
 * By object name first: that is exact, and git matches thousands of ref names slowly (5,000 take it 12 s). What
 * is refused, by an old server or since a tag has just gone, is asked for by the names that were listed; they
 * may have moved, so what came is compared with the listing.
 */
async function fetchObjects(
  git: GitCommand,
  directory: string,
  wanted: ReadonlyMap<Oid, string>,
  signal?: AbortSignal,
): Promise<void> {
  const byOid = await fetch(git, directory, [...wanted.keys()], {}, signal)
  if (byOid.code !== 0) {
    const failure = git.failure('remote', 'fetch the commits', byOid, signal)
    if (failure.code !== 'object_missing') throw failure
    const byName = await fetch(git, directory, [...wanted.values()], {}, signal)
    if (byName.code !== 0) throw git.failure('remote', 'fetch the commits', byName, signal)
  }
  const found = await inspect(git, directory, [...wanted.keys()])
  for (const [oid, name] of wanted) {
    if (found.has(oid)) continue
    const sentence = `The repository listed ${name} but no longer has what it named: read it again.`
    throw new SourceError('object_missing', sentence)
  }
}

interface FetchManner {
  /** Files come only when asked for, unless `all`. */
  readonly files?: 'all'
  /** Git first tells the remote about the commits it has, which is of no use when it lacks files. */
  readonly telling?: 'nothing'
}

/** What to fetch goes in through stdin: thousands of names do not fit into arguments, nor can they be options. */
function fetch(
  git: GitCommand,
  directory: string,
  what: readonly string[],
  { files, telling }: FetchManner,
  signal?: AbortSignal,
) {
  // The partial clone is declared here and not in the cache's configuration: commands that only read must
  // never fetch what they miss, one object at a time.
  const partial = files === 'all' ? [] : ['promisor=true', 'partialCloneFilter=blob:none']
  const remote = [`url=${git.remote.url}`, ...partial].map((setting) => `remote.${REMOTE}.${setting}`)
  const settings = telling === 'nothing' ? [...remote, 'fetch.negotiationAlgorithm=noop'] : remote
  const flags = ['--stdin', '--no-tags', '--no-write-fetch-head', '--no-prune', '--progress']
  // Without `--refetch` (git 2.36) git would find the commits there and ask for nothing.
  flags.push(files === 'all' ? '--refetch' : '--filter=blob:none')
  const options = settings.flatMap((setting) => ['-c', setting])
  return git.end('remote', ['--git-dir', directory, ...options, 'fetch', ...flags, REMOTE], {
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
