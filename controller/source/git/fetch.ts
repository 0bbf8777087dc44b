import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RefListing } from '../git-source.ts'
import type { Oid } from '../oid.ts'
import { sourceError } from '../source-error.ts'
import { localGit, whileUnsafe } from './cache.ts'
import type { GitCommand } from './command.ts'
import { inspect } from './inspect.ts'

/**
 * One ref for each listed commit, named after the commit. Every listed commit stays (even after its tag moved), a
 * deleted tag `v1` never collides with a new tag `v1/x`, and comparing names finds missing commits. A ref is
 * written only after its commit and history are fetched.
 */
const KEEP = 'refs/keep/'

// Not `origin`, because users may have settings for that name.
const REMOTE = 'prompt-registry-source'

/** Each fetch adds one or two small packs. Hundreds of them slow git down. */
const MOST_PACKS = 50
/** A ref that is not packed is a file of its own. */
const MOST_LOOSE = 50

/**
 * Makes the listing's commits, with their history and trees, readable in `directory`: with one fetch, or none if
 * they are cached. Throws `object_missing` if the remote has removed one meanwhile.
 */
export async function fetchListing(
  git: GitCommand,
  directory: string,
  listing: RefListing,
  { isNew, signal }: { readonly isNew: boolean; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const wanted = refsByCommit(listing)
  // simple-git waits 50 ms for a command without output, which this is in a new cache.
  if (!isNew) for (const oid of await keptCommits(git, directory)) wanted.delete(oid)
  if (wanted.size === 0) return
  await refuseShallow(git)
  await whileUnsafe(directory, async () => {
    await fetchObjects(git, directory, wanted, signal)
    await keep(git, directory, wanted.keys())
    await repackSometimes(git, directory)
  })
}

/**
 * A shallow clone does not know which releases are on the branch. Also, git before 2.45 fetches endlessly in a
 * partial clone of a shallow clone.
 */
async function refuseShallow(git: GitCommand): Promise<void> {
  if (git.remote.transport !== 'file') return
  const path = git.remote.url.startsWith('file:') ? fileURLToPath(git.remote.url) : git.remote.url
  let answer = ''
  const question = ['-C', path, 'rev-parse', '--is-shallow-repository']
  await git.end('local', question, { onOutput: (chunk) => (answer += chunk) })
  if (answer.trim() !== 'true') return
  throw sourceError('repository_incomplete', `The repository ${path} is a shallow clone.`, {
    next: 'Run git fetch --unshallow in it, or use a clone with its full history.',
  })
}

/**
 * Fetches all blobs in one request. An old server may support partial clones but refuse single files: then one
 * fetch gets all files of the listed refs, and the caller must check for the blobs. Throws `object_missing` if the
 * remote does not have one.
 */
export async function fetchBlobs(
  git: GitCommand,
  directory: string,
  blobs: readonly Oid[],
  listing: RefListing,
  signal: AbortSignal,
): Promise<void> {
  await whileUnsafe(directory, async () => {
    const end = await fetch(git, directory, blobs, { telling: 'nothing', files: 'asked' }, signal)
    if (end.code === 0) return
    if (!REFUSED.test(end.errors)) throw git.failure('remote', 'fetch the files', end, signal)
    const refs = [...refsByCommit(listing).values()]
    const whole = await fetch(git, directory, refs, { telling: 'nothing', files: 'all' }, signal)
    if (whole.code !== 0) throw git.failure('remote', 'fetch the files', whole, signal)
  })
}

/**
 * Fetches tag objects by object name, or by ref name from an old server. Throws `object_missing` if the remote has
 * removed one meanwhile.
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

/** The listed commits, each with one of its listed names. */
function refsByCommit({ branch, commit, branches, tags, also = [] }: RefListing): Map<Oid, string> {
  return new Map([
    ...tags.map((tag) => [tag.commit, `refs/tags/${tag.name}`] as const),
    ...also.map((one) => [one.commit, one.ref] as const),
    ...branches.map((one) => [one.commit, `refs/heads/${one.name}`] as const),
    [commit, `refs/heads/${branch}`],
  ])
}

/**
 * Fetches by object name first: that is exact, and git is slow at thousands of ref names (12 s for 5,000). If an
 * old server refuses, or a tag has just disappeared, fetches by ref name. Refs may have moved, so the result is
 * compared with the listing.
 */
async function fetchObjects(
  git: GitCommand,
  directory: string,
  wanted: ReadonlyMap<Oid, string>,
  signal?: AbortSignal,
): Promise<void> {
  const attempt = async (what: Iterable<string>, manner: FetchManner = {}) => {
    const end = await fetch(git, directory, [...what], manner, signal)
    return end.code === 0 ? undefined : git.failure('remote', 'fetch the commits', end, signal)
  }
  let failure = await attempt(wanted.keys())
  if (failure?.code === 'object_missing') failure = await attempt([...wanted.values()].filter(isRefName))
  if (failure?.code === 'repository_incomplete' && git.remote.transport === 'file')
    failure = await attempt(wanted.keys(), { files: 'asked' })
  if (failure) throw failure
  const found = await inspect(git, directory, [...wanted.keys()])
  for (const [oid, name] of wanted) {
    if (found.has(oid)) continue
    const happened = `The repository listed ${name}, but no longer has its commit.`
    throw sourceError('object_missing', happened, { object: oid })
  }
}

/**
 * Makes a local repository serve single files, like hosts do. Fetching all files at once is twice as fast, but
 * fails if an unrelated file is lost.
 */
const LOCAL_UPLOAD_PACK =
  'git -c uploadpack.allowFilter=true -c uploadpack.allowAnySHA1InWant=true upload-pack'

/** Other characters have a meaning in a refspec. Git does not create such refs, but a host could list them. */
function isRefName(name: string): boolean {
  return !/[ ~^:?*[\\]|\p{Cc}/u.test(name)
}

interface FetchManner {
  /**
   * `all`: fetch all files. Default: only named files, if the remote supports it. `asked`: a local one must, too.
   */
  readonly files?: 'all' | 'asked'
  /** By default, git first sends the names of its commits, which is useless for missing files. */
  readonly telling?: 'nothing'
}

/** The names go through stdin: thousands do not fit into arguments, and none can be taken for an option. */
function fetch(
  git: GitCommand,
  directory: string,
  what: readonly string[],
  { files, telling }: FetchManner,
  signal?: AbortSignal,
) {
  // The partial clone is not declared in the cache's configuration: read commands must never fetch missing objects
  // one at a time.
  const partial = files === 'all' ? [] : ['promisor=true', 'partialCloneFilter=blob:none']
  const isAsked = files === 'asked' && git.remote.transport === 'file'
  const local = isAsked ? [`uploadpack=${LOCAL_UPLOAD_PACK}`] : []
  const remote = [`url=${git.remote.url}`, ...partial, ...local].map(
    (setting) => `remote.${REMOTE}.${setting}`,
  )
  const settings = telling === 'nothing' ? [...remote, 'fetch.negotiationAlgorithm=noop'] : remote
  const flags = ['--stdin', '--no-tags', '--no-write-fetch-head', '--no-prune', '--progress']
  // Without `--refetch` (git 2.36), git would find the commits in the cache and fetch nothing.
  flags.push(files === 'all' ? '--refetch' : '--filter=blob:none')
  const options = settings.flatMap((setting) => ['-c', setting])
  return git.end('remote', ['--git-dir', directory, ...options, 'fetch', ...flags, REMOTE], {
    input: what.map((name) => `${name}\n`).join(''),
    signal,
  })
}

async function keptCommits(git: GitCommand, directory: string): Promise<string[]> {
  const list = ['for-each-ref', '--format=%(refname)', KEEP]
  const output = await localGit(git, 'read the cache', () => git.simple(directory).raw(list))
  return output.split('\n').flatMap((name) => (name.startsWith(KEEP) ? [name.slice(KEEP.length)] : []))
}

// No signal from here on: this short local work is easier to finish than to repair.

async function keep(git: GitCommand, directory: string, oids: Iterable<Oid>): Promise<void> {
  const input = [...oids].map((oid) => `update ${KEEP}${oid} ${oid}\n`).join('')
  await git.run('local', 'note the commits', ['--git-dir', directory, 'update-ref', '--stdin'], { input })
  const loose = await readdir(join(directory, KEEP))
  if (loose.length > MOST_LOOSE)
    await git.run('local', 'pack the refs', ['--git-dir', directory, 'pack-refs', '--all'])
}

async function repackSometimes(git: GitCommand, directory: string): Promise<void> {
  const files = await readdir(join(directory, 'objects', 'pack'))
  if (files.filter((name) => name.endsWith('.pack')).length <= MOST_PACKS) return
  const promisor = ['-c', `remote.${REMOTE}.promisor=true`, '-c', 'repack.writeBitmaps=false']
  const repack = ['repack', '-a', '-d', '--keep-unreachable', '--quiet']
  await git.run('local', 'pack the cache', ['--git-dir', directory, ...promisor, ...repack])
}
