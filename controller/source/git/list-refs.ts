import { type RefListing, SourceError, type TagRef } from '../git-source.ts'
import type { GitCommand } from './command.ts'

const HEADS = 'refs/heads/'
const TAGS = 'refs/tags/'

/** One `ls-remote`. Git itself fails when the answer is cut short, since the protocol has an end mark. */
export async function listRefs(
  git: GitCommand,
  branch: string | undefined,
  signal?: AbortSignal,
): Promise<RefListing> {
  // The two flags let the server leave out everything else (pull requests, notes), but would also leave out
  // HEAD, which is needed only when no branch is named.
  const which = branch === undefined ? ['--symref'] : ['--heads', '--tags']
  const patterns = [branch === undefined ? 'HEAD' : '', `${HEADS}${branch ?? '*'}`, `${TAGS}*`].filter(
    Boolean,
  )
  const chunks: Buffer[] = []
  const end = await git.end('remote', ['ls-remote', ...which, '--', git.remote.url, ...patterns], {
    signal,
    onOutput: (chunk) => chunks.push(chunk),
  })
  if (end.code !== 0)
    throw unreachable(git.failure('remote', 'list the branches and tags', end, signal), signal)
  return parseListing(Buffer.concat(chunks).toString(), branch)
}

/** Pure part: what `ls-remote` printed, as a listing. Throws `branch_missing` with the way out. */
export function parseListing(output: string, wanted: string | undefined): RefListing {
  const refs = new Map<string, string>()
  let head: string | undefined
  for (const line of output.split('\n')) {
    const [left = '', name = ''] = line.split('\t')
    // Patterns match the end of a name, so a foreign `refs/x/refs/heads/main` may be among the lines.
    if (name === 'HEAD' && left.startsWith(`ref: ${HEADS}`)) head = left.slice(`ref: ${HEADS}`.length)
    else if (/^[0-9a-f]{40,64}$/.test(left)) refs.set(name, left)
  }
  const branch = wanted ?? head
  const commit = branch === undefined ? undefined : refs.get(HEADS + branch)
  if (branch === undefined || commit === undefined) throw branchMissing(refs.size === 0, wanted)
  return { branch, commit, tags: peeledTags(refs) }
}

/** A listing uses nothing but the remote, so whatever went wrong, the remote could not be read. */
function unreachable(failure: SourceError, signal?: AbortSignal): SourceError {
  if (failure.code === 'unreachable' || signal?.aborted) return failure
  return new SourceError('unreachable', failure.message, { cause: failure.cause })
}

function peeledTags(refs: ReadonlyMap<string, string>): TagRef[] {
  const tags: TagRef[] = []
  for (const [ref, oid] of refs) {
    if (!ref.startsWith(TAGS) || ref.endsWith('^{}')) continue
    // The peeled line follows an annotated tag's own; a lightweight tag has none.
    const commit = refs.get(`${ref}^{}`)
    const name = ref.slice(TAGS.length)
    tags.push(commit === undefined ? { name, commit: oid } : { name, commit, object: oid })
  }
  return tags.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function branchMissing(empty: boolean, wanted: string | undefined): SourceError {
  if (wanted !== undefined) {
    const sentence = `The repository has no branch "${wanted}": push it, or name another branch in this source.`
    return new SourceError('branch_missing', sentence)
  }
  return new SourceError(
    'branch_missing',
    empty
      ? 'The repository is empty: push a first commit.'
      : 'The repository does not say which branch is its default one: name the branch in this source.',
  )
}
