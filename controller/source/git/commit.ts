import { type CommitInfo, type Oid, SourceError } from '../git-source.ts'
import type { GitObject } from './object-reader.ts'

/** Throws `object_missing` when the object is absent or not a commit. */
export function treeOfCommit(oid: Oid, object: GitObject | undefined): Oid {
  const tree = /^tree ([0-9a-f]+)$/m.exec(headersOf(oid, object))?.[1]
  if (tree === undefined) throw notACommit(oid)
  return tree
}

/** Throws `object_missing` when the object is absent or not a commit. */
export function commitInfo(oid: Oid, object: GitObject | undefined): CommitInfo {
  const headers = headersOf(oid, object)
  const author = /^author (.*?)( \d+ [+-]\d+)?$/m.exec(headers)?.[1] ?? ''
  const seconds = Number(/^committer .* (\d+) [+-]\d+$/m.exec(headers)?.[1] ?? 0)
  // A date that no calendar has counts as 1970, as in git's own output.
  const milliseconds = seconds <= 8.64e12 ? seconds * 1000 : 0
  return { author, committedAt: new Date(milliseconds).toISOString() }
}

function headersOf(oid: Oid, object: GitObject | undefined): string {
  if (object?.type !== 'commit') throw notACommit(oid)
  const end = object.bytes.indexOf('\n\n')
  const bytes = object.bytes.subarray(0, end < 0 ? undefined : end)
  const encoding = /^encoding (.+)$/m.exec(bytes.toString('latin1'))?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(encoding).decode(bytes)
  } catch {
    return bytes.toString()
  }
}

function notACommit(oid: Oid): SourceError {
  return new SourceError(
    'object_missing',
    `There is no commit ${oid} in what was fetched: read the refs again.`,
  )
}
