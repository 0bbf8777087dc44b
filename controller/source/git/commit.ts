import type { CommitInfo } from '../git-source.ts'
import { headerOf, headersOf, parseIdentity } from '../identity.ts'
import type { Oid } from '../oid.ts'
import { type SourceError, sourceError } from '../source-error.ts'
import type { GitObject } from './object-reader.ts'

/** Throws `object_missing` if the object is absent or not a commit. */
export function treeOfCommit(oid: Oid, object: GitObject | undefined): Oid {
  const tree = headerOf(commitHeaders(oid, object), 'tree')
  if (tree === undefined || !/^[0-9a-f]+$/.test(tree)) throw notACommit(oid)
  return tree
}

/** Throws `object_missing` if the object is absent or not a commit. */
export function commitInfo(oid: Oid, object: GitObject | undefined): CommitInfo {
  const headers = commitHeaders(oid, object)
  const author = parseIdentity(headerOf(headers, 'author') ?? '')
  const committer = parseIdentity(headerOf(headers, 'committer') ?? '')
  // As in git's output, an invalid time counts as 1970.
  return { author: author.who, committedAt: committer.at ?? new Date(0).toISOString() }
}

function commitHeaders(oid: Oid, object: GitObject | undefined): string {
  if (object?.type !== 'commit') throw notACommit(oid)
  return headersOf(object.bytes)
}

export function notACommit(oid: Oid): SourceError {
  return sourceError('object_missing', `The repository has no commit ${oid}.`, { object: oid })
}
