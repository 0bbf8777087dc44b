import { SourceError, type SourceErrorCode } from '../git-source.ts'

/** An answer of the host that is no success. `status` is HTTP's; `missing` objects have 404. */
export class GitHubFailure extends SourceError {
  readonly status: number

  constructor(status: number, code: SourceErrorCode, message: string, cause?: unknown) {
    super(code, message, { cause })
    this.status = status
  }
}

/** The host asks to come back later than is waited for here. */
export class RateLimited extends SourceError {
  /** Milliseconds since the epoch. */
  readonly until: number

  constructor(until: number) {
    const time = new Date(until).toISOString().replace(/\.\d+Z$/, 'Z')
    super('busy', `GitHub limits how often it is asked: no request is sent before ${time}.`)
    this.until = until
  }
}

/** `words` are the host's own, scrubbed. */
export function refusedBy(status: number, repository: string, words: string): GitHubFailure {
  const cause = new Error(`${status}: ${words}`)
  return new GitHubFailure(status, 'unreachable', sentenceFor(status, repository), cause)
}

function sentenceFor(status: number, repository: string): string {
  if (status === 401)
    return 'GitHub refused the credentials of this source: check the token, or the key and id of the App.'
  if (status === 403)
    return `GitHub refused access to ${repository}: let the token or the App read the repository's contents.`
  if (status === 404)
    return `GitHub shows no repository ${repository} with these credentials: check the address, and that the token or the App may read it.`
  if (status >= 500) return `GitHub failed to answer (${status}): it is asked again at the next pass.`
  return `GitHub refused a request (${status}): its own words are in the cause.`
}

export function stopped(reason: unknown): SourceError {
  if (reason instanceof SourceError) return reason
  return new SourceError('failed', 'Stopped before GitHub was read to the end.', { cause: reason })
}

/** An answer that is not what the interface promises, or only a part of it. */
export function notUnderstood(words: string): SourceError {
  const sentence =
    'GitHub answered only in part or in other words than expected: it is asked again at the next pass.'
  return new SourceError('unreachable', sentence, { cause: new Error(words) })
}

export function missingCommit(oid: string): SourceError {
  return new SourceError(
    'object_missing',
    `GitHub has no commit ${oid} in this repository: read the refs again.`,
  )
}

export function missingTag(oid: string): SourceError {
  return new SourceError(
    'object_missing',
    `GitHub has no tag object ${oid} in this repository: read the refs again.`,
  )
}

export function missingBlob(oid: string): SourceError {
  return new SourceError(
    'object_missing',
    `The repository has no file with the content ${oid}: read it again.`,
  )
}
