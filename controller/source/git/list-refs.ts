import { EVIDENCE_REFS, type RefListing } from '../git-source.ts'
import { type SourceError, sourceError } from '../source-error.ts'
import type { GitCommand } from './command.ts'
import { isForeign } from './http-diagnosis.ts'
import { createRefReader, type ListedRefs, type RefReader } from './ref-reader.ts'

/**
 * Runs one `ls-remote`. Git fails if the response is truncated, because the protocol has an end mark. If the
 * tracked branch is missing, a second `ls-remote` distinguishes an empty repository from one with other branches.
 */
export async function listRefs(
  git: GitCommand,
  wanted: ListedRefs,
  signal?: AbortSignal,
): Promise<RefListing> {
  const { branch, isReleaseBranch, evidence = false } = wanted
  // --heads and --tags let the server omit all other refs (pull requests, notes), but also HEAD, which is needed
  // if no branch is configured, and evidence.
  const which = branch === undefined ? ['--symref'] : evidence ? [] : ['--heads', '--tags']
  const heads = branch === undefined || isReleaseBranch !== undefined ? '*' : branch
  const patterns = [
    ...(branch === undefined ? ['HEAD'] : []),
    ...[`refs/heads/${heads}`, 'refs/tags/*'],
    ...(evidence ? [`${EVIDENCE_REFS}*`] : []),
  ]
  const reader = createRefReader(wanted)
  await readInto(reader, git, which, patterns, signal)
  const listing = reader.listing()
  if (listing) return listing
  const isEmpty = reader.empty && (branch === undefined || (await hasNoRefs(git, signal)))
  throw isEmpty ? emptyRepository() : branchMissing(branch)
}

async function hasNoRefs(git: GitCommand, signal?: AbortSignal): Promise<boolean> {
  const reader = createRefReader({ branch: undefined, isReleaseBranch: undefined })
  await readInto(reader, git, ['--heads', '--tags'], [], signal)
  return reader.empty
}

async function readInto(
  reader: RefReader,
  git: GitCommand,
  flags: readonly string[],
  patterns: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const end = await git.end('remote', ['ls-remote', ...flags, '--', git.remote.url, ...patterns], {
    signal,
    eachAnswer: true,
    onOutput: (chunk, stop) => {
      if (!reader.add(chunk)) stop()
    },
  })
  // Git mistakes a web page with one line for a repository without refs.
  const isPage = reader.empty && end.http != null && isForeign(end.http)
  if ((end.code === 0 && !isPage) || end.killedBecause === 'stopped') return
  throw git.failure('remote', 'list the branches and tags', end, signal)
}

function emptyRepository(): SourceError {
  return sourceError('empty', 'The repository is empty.')
}

function branchMissing(wanted: string | undefined): SourceError {
  return wanted === undefined
    ? sourceError('branch_missing', 'The default branch of the repository is missing or unknown.', {
        next: 'Name the branch in this source.',
      })
    : sourceError('branch_missing', `The repository has no branch "${wanted}".`)
}
