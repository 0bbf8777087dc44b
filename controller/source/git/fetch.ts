import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { RefListing } from '../git-source.ts'
import type { Oid } from '../oid.ts'
import { sourceError } from '../source-error.ts'
import { whileUnsafe } from './cache.ts'
import type { GitCommand } from './command.ts'
import { type CacheAccess, inspectOpen } from './inspect.ts'
import { isFew, keepCommits, keepSpec, keptCommits, packKept } from './kept-commits.ts'

// Not `origin`, because users may have settings for that name.
const REMOTE = 'prompt-registry-source'

/** Each fetch adds one or two small packs. Hundreds of them slow git down. */
const MOST_PACKS = 50
interface FetchListingOptions {
  readonly isNew: boolean
  /** Throws `repository_incomplete` if the remote is a shallow clone. */
  readonly refuseShallow: () => Promise<void>
}

/**
 * Makes the listing's commits, with their history and trees, readable in the cache: with one fetch, or none if
 * they are cached. Throws `object_missing` if the remote has removed one meanwhile.
 */
export async function fetchListing(
  access: CacheAccess,
  listing: RefListing,
  { isNew, refuseShallow }: FetchListingOptions,
): Promise<void> {
  const { git, directory } = access
  const wanted = refsByCommit(listing)
  if (!isNew) for (const oid of await keptCommits(directory)) wanted.delete(oid)
  if (wanted.size === 0) return
  await refuseShallow()
  await whileUnsafe(directory, async () => {
    await fetchAndKeep(access, wanted)
    await packKept(git, directory)
    await repackSometimes(git, directory)
  })
}

/** A fetch of a few commits writes their refs itself. For thousands, that takes it twice the time of `update-ref`. */
async function fetchAndKeep(access: CacheAccess, wanted: ReadonlyMap<Oid, string>): Promise<void> {
  const specOf = isFew(wanted.size) ? keepSpec : (oid: Oid) => oid
  const asked = await fetchObjects(access, wanted, specOf)
  if (asked === 'objects' && isFew(wanted.size)) return
  await keepCommits(access.git, access.directory, wanted.keys())
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
export async function fetchTagObjects(access: CacheAccess, wanted: ReadonlyMap<Oid, string>): Promise<void> {
  await whileUnsafe(access.directory, () => fetchObjects(access, wanted, (oid) => oid))
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
 * compared with the listing. Returns which names the remote accepted. `specOf` makes a refspec of an object name.
 */
async function fetchObjects(
  access: CacheAccess,
  wanted: ReadonlyMap<Oid, string>,
  specOf: (oid: Oid) => string,
): Promise<'objects' | 'refs'> {
  const { git, directory, signal } = access
  const attempt = async (what: readonly string[], manner: FetchManner = {}) => {
    const end = await fetch(git, directory, what, manner, signal)
    return end.code === 0 ? undefined : git.failure('remote', 'fetch the commits', end, signal)
  }
  const specs = [...wanted.keys()].map(specOf)
  let asked: 'objects' | 'refs' = 'objects'
  let failure = await attempt(specs)
  if (failure?.code === 'object_missing') {
    asked = 'refs'
    failure = await attempt([...wanted.values()].filter(isRefName))
  }
  if (failure?.code === 'repository_incomplete' && git.remote.transport === 'file') {
    asked = 'objects'
    failure = await attempt(specs, { files: 'asked' })
  }
  if (failure) throw failure
  if (asked === 'refs') await demandObjects(access, wanted)
  return asked
}

async function demandObjects(access: CacheAccess, wanted: ReadonlyMap<Oid, string>): Promise<void> {
  const found = await inspectOpen(access, [...wanted.keys()])
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

// No signal: this short local work is easier to finish than to repair.
async function repackSometimes(git: GitCommand, directory: string): Promise<void> {
  const files = await readdir(join(directory, 'objects', 'pack'))
  if (files.filter((name) => name.endsWith('.pack')).length <= MOST_PACKS) return
  const promisor = ['-c', `remote.${REMOTE}.promisor=true`, '-c', 'repack.writeBitmaps=false']
  const repack = ['repack', '-a', '-d', '--keep-unreachable', '--quiet']
  await git.run('local', 'pack the cache', ['--git-dir', directory, ...promisor, ...repack])
}
