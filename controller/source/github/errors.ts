import { oneLine, SourceError, type SourceErrorCode, sourceError } from '../source-error.ts'

/** An error response of the host. `status` is the HTTP status; missing objects have 404. */
export class GitHubFailure extends SourceError {
  readonly status: number

  constructor(status: number, code: SourceErrorCode, message: string, cause?: unknown) {
    super(code, message, { cause })
    this.status = status
  }
}

/** The host requires a longer wait than allowed here. */
export class RateLimited extends SourceError {
  /** Milliseconds since the epoch. */
  readonly until: number

  constructor(until: number, now: number) {
    const time = new Date(until).toISOString().replace(/\.\d+Z$/, 'Z')
    const message = `GitHub limits requests until ${time}. The controller retries automatically.`
    super('rate_limited', message, { retryAfterMs: Math.max(0, until - now) })
    this.until = until
  }
}

interface HostRefusal {
  readonly code: SourceErrorCode
  readonly happened: string
  readonly next?: string
}

/** `words` is the host's message, scrubbed. */
export function refusedBy(status: number, repository: string, words: string): GitHubFailure {
  const { code, happened, next } = refusalOf(status, repository)
  const { message } = sourceError(code, happened, next === undefined ? {} : { next })
  return new GitHubFailure(status, code, message, new Error(oneLine(`${status}: ${words}`)))
}

function refusalOf(status: number, repository: string): HostRefusal {
  switch (status) {
    case 401:
      return {
        code: 'unauthorized',
        happened: `GitHub refused the credentials of this source for ${repository}.`,
        next: 'Check the token, or the id and key of the App.',
      }
    case 403:
      return {
        code: 'unauthorized',
        happened: `GitHub refused access to ${repository}.`,
        next: "Allow the token or the App to read the repository's contents.",
      }
    case 404:
      return {
        code: 'not_found',
        happened: `GitHub does not show the repository ${repository} with these credentials.`,
        next: 'Check the address, and that the token or the App can read the repository.',
      }
    case 407:
      return { code: 'proxy_refused', happened: 'The proxy refused the connection to GitHub (HTTP 407).' }
    case 451:
      return {
        code: 'unauthorized',
        happened: `GitHub blocks ${repository} for legal reasons (HTTP 451).`,
        next: 'Ask the owner of the repository.',
      }
    default:
      return status >= 500
        ? {
            code: 'unreachable',
            happened: `GitHub failed to answer (HTTP ${status}).`,
            next: 'The controller retries automatically.',
          }
        : {
            code: 'failed',
            happened: `GitHub refused a request for ${repository} (HTTP ${status}).`,
            next: 'Check the address of this source and the permissions of its credentials.',
          }
  }
}

export function stopped(reason: unknown): SourceError {
  if (reason instanceof SourceError) return reason
  return new SourceError('failed', 'Stopped while reading from GitHub.', { cause: reason })
}

/** A response that is incomplete or does not match the API. */
export function notUnderstood(words: string): SourceError {
  return sourceError('unreachable', 'GitHub returned an incomplete or unexpected response.', {
    next: 'The controller retries automatically.',
    cause: new Error(words),
  })
}

/** A successful response that is not the API's JSON. */
export function notTheInterface(host: string, contentType: string): SourceError {
  const what = /html/.test(contentType)
    ? 'a web page, perhaps a login'
    : `content that is not from GitHub's API (${contentType || 'no content type'})`
  return sourceError('not_a_repository', `The host ${host} returned ${what}.`, {
    next: 'Check the address of the API (apiUrl), and whether a login page is in front of it.',
  })
}

export function missingCommit(oid: string): SourceError {
  return missing(`GitHub has no commit ${oid} in this repository.`, oid)
}

export function missingTag(oid: string): SourceError {
  return missing(`GitHub has no tag object ${oid} in this repository.`, oid)
}

export function missingBlob(oid: string): SourceError {
  return missing(`The repository has no file with the content ${oid}.`, oid)
}

function missing(happened: string, object: string): SourceError {
  return sourceError('object_missing', happened, { object })
}
