import { type GitObject, parseCommit, parseTag, parseTree, typeOfMode } from '../objects.ts'
import type { ShownPullRequest } from '../shown.ts'
import type { HostedRepository, StandInLimits } from '../types.ts'
import type { GraphqlObject } from './execute.ts'

/** The fields of `Repository` in GitHub's schema that the source queries. */
export function repositoryObject(repository: HostedRepository, limits: StandInLimits): GraphqlObject {
  const find = async (oid: string) => {
    const object = await repository.objects.read(oid)
    return object ? gitObject(repository, limits, oid, object) : null
  }
  return {
    __typename: 'Repository',
    name: repository.name,
    object: ({ oid }: { oid: string }) => find(oid),
    refs: async ({ refPrefix, first }: { refPrefix: string; first?: number }) => {
      if (first === undefined) throw new Error('You must provide a `first` or `last` value.')
      const names = await repository.git('for-each-ref', '--format=%(refname)', '--', refPrefix)
      return { __typename: 'RefConnection', totalCount: names === '' ? 0 : names.split('\n').length }
    },
  }
}

function gitObject(
  repository: HostedRepository,
  limits: StandInLimits,
  oid: string,
  { type, bytes }: GitObject,
): GraphqlObject {
  const find = async (other: string) => {
    const object = await repository.objects.read(other)
    return object ? gitObject(repository, limits, other, object) : null
  }
  switch (type) {
    case 'commit':
      return commitObject(repository, oid, bytes, find)
    case 'tag':
      return tagObject(limits, oid, bytes, find)
    case 'tree':
      return { __typename: 'Tree', oid, entries: () => treeEntries(repository, bytes) }
    case 'blob':
      return blobObject(limits, oid, bytes)
    default:
      return type satisfies never
  }
}

function tagObject(
  { signedMessages }: StandInLimits,
  oid: string,
  bytes: Buffer,
  find: (oid: string) => Promise<GraphqlObject | null>,
): GraphqlObject {
  const { name, object, tagger, message } = parseTag(bytes)
  return {
    ...{ __typename: 'Tag', oid, name },
    message: signedMessages ? message : message.replace(/^-----BEGIN .*$/ms, ''),
    tagger: tagger && { __typename: 'GitActor', ...tagger },
    target: () => find(object),
  }
}

function commitObject(
  repository: HostedRepository,
  oid: string,
  bytes: Buffer,
  find: (oid: string) => Promise<GraphqlObject | null>,
): GraphqlObject {
  const { tree, author, committer, parents } = parseCommit(bytes)
  return {
    ...{ __typename: 'Commit', oid, committedDate: committer.date },
    tree: () => find(tree),
    author: { __typename: 'GitActor', ...author },
    committer: { __typename: 'GitActor', ...committer },
    associatedPullRequests: ({ first = 0 }: { first?: number }) => {
      const { pullRequests } = repository.shown
      const all = pullRequests.filter(({ merge }) => merge?.commits.includes(oid))
      return { __typename: 'PullRequestConnection', nodes: all.slice(0, first).map(pullRequestObject) }
    },
    parents: ({ first = 0 }: { first?: number }) => parentsOf(parents, first),
    history: async ({ first }: { first: number }) => {
      const lines = await repository.git('rev-list', '--parents', `--max-count=${first}`, oid)
      const nodes = lines.split('\n').map((line) => {
        const [commit = '', ...above] = line.split(' ')
        const node = { __typename: 'Commit', oid: commit }
        return { ...node, parents: (wanted: { first: number }) => parentsOf(above, wanted.first) }
      })
      return { __typename: 'CommitHistoryConnection', nodes }
    },
  }
}

function pullRequestObject({ number, merge }: ShownPullRequest): GraphqlObject {
  const { author = null, commits = [], reviews = [] } = merge ?? {}
  const actor = (login: string | null) => login && { __typename: 'User', login }
  return {
    ...{ __typename: 'PullRequest', number, merged: merge !== undefined, mergedAt: merge?.at ?? null },
    mergeCommit: merge && { __typename: 'Commit', oid: commits.at(-1) },
    author: actor(author),
    latestOpinionatedReviews: ({
      first = 0,
      writersOnly = false,
    }: {
      first?: number
      writersOnly?: boolean
    }) => {
      const seen = reviews.filter(({ mayWrite }) => mayWrite || !writersOnly).slice(0, first)
      const nodes = seen.map((one) => ({
        __typename: 'PullRequestReview',
        ...one,
        author: actor(one.author),
      }))
      return { __typename: 'PullRequestReviewConnection', nodes }
    },
  }
}

function parentsOf(parents: readonly string[], first: number): GraphqlObject {
  const nodes = parents.slice(0, first).map((oid) => ({ __typename: 'Commit', oid }))
  return { __typename: 'CommitConnection', totalCount: parents.length, nodes }
}

function treeEntries({ objects }: HostedRepository, bytes: Buffer): Promise<GraphqlObject[]> {
  const entries = parseTree(bytes).map(async ({ mode, name, oid }) => {
    const type = typeOfMode(mode)
    const size = type === 'blob' ? ((await objects.read(oid))?.bytes.length ?? 0) : 0
    return { __typename: 'TreeEntry', name, oid, type, size, mode: Number.parseInt(mode, 8) }
  })
  return Promise.all(entries)
}

function blobObject(limits: StandInLimits, oid: string, bytes: Buffer): GraphqlObject {
  const isBinary = bytes.subarray(0, 8000).includes(0)
  const isTruncated = bytes.length > limits.textBytes
  const text = isBinary ? null : bytes.subarray(0, limits.textBytes).toString()
  return { __typename: 'Blob', oid, byteSize: bytes.length, isBinary, isTruncated, text }
}
