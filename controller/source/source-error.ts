import type { Oid } from './oid.ts'

/**
 * The errors of a repository: the meaning of each code, and the default advice. docs/operations.md has the same
 * table; a test compares them.
 */
export const SOURCE_ERRORS = {
  unreachable: {
    means: 'The host cannot be reached, does not answer in time, or fails to answer.',
    next: 'Check the address, the network and the proxy. The controller retries automatically.',
  },
  unauthorized: {
    means: 'The host refuses the credentials, or they do not allow reading the repository.',
    next: 'Check the credentials of this source and their permissions.',
  },
  not_found: {
    means: 'No repository exists at this address, or the credentials have no access to it.',
    next: 'Check the address and the credentials of this source.',
  },
  redirected: {
    means: 'The host redirects to another address, which is not followed.',
    next: 'Use the new address of the repository in this source.',
  },
  not_a_repository: {
    means: 'The address does not belong to a git server, but to a login page, for example.',
    next: 'Check the address, and whether a login page or a proxy is in front of the host.',
  },
  rate_limited: {
    means: 'The host limits the number of requests.',
    next: 'Wait: the controller retries automatically. A longer schedule sends fewer requests.',
  },
  busy: {
    means: 'Another run holds the cache of this repository.',
    next: 'Wait for it to end, or stop it.',
  },
  proxy_refused: {
    means: 'The proxy refuses the connection, or wants other credentials.',
    next: 'Check the address and the credentials of the proxy in the environment (https_proxy).',
  },
  certificate_untrusted: {
    means: "The host's certificate has an unknown authority, is for another name, or has expired.",
    next: 'Add the authority that signed it: GIT_SSL_CAINFO for git, NODE_EXTRA_CA_CERTS for type github.',
  },
  host_key_untrusted: {
    means: "The host's SSH key is unknown, or has changed.",
    next: 'Compare the key, then add it to known_hosts of the user that runs the controller.',
  },
  branch_missing: {
    means: 'The repository does not have the branch that the source tracks.',
    next: 'Push the branch, or name another branch in this source.',
  },
  empty: {
    means: 'The repository has no commit.',
    next: 'Push a first commit.',
  },
  object_missing: {
    means: 'The repository no longer has a commit, file or tag that it listed.',
    next: 'Read the repository again.',
  },
  repository_incomplete: {
    means: 'Objects are missing in the repository itself: it is damaged, or a shallow or partial clone.',
    next: 'Run git fsck in the repository, or use one with its full history.',
  },
  git_missing: {
    means: 'Git is not installed, or is too old.',
    next: 'Install git 2.29 or newer on the PATH.',
  },
  disk_full: {
    means: 'The disk of the cache is full.',
    next: 'Free some space, or move the cache to another disk (cache).',
  },
  cache_unwritable: {
    means: 'The cache folder cannot be written.',
    next: 'Let the user that runs the controller write there, or name another folder (cache).',
  },
  cache_damaged: {
    means: 'The cache of the repository is damaged.',
    next: 'The next pass recreates it. Check the disk if it happens again.',
  },
  too_large: {
    means: 'Something in the repository is larger than a source may read.',
    next: 'Keep prompts in a smaller repository, or narrow the directories of this source.',
  },
  failed: {
    means: 'Any other failure, including a read that was stopped.',
    next: 'Read the message and its cause.',
  },
} as const satisfies Readonly<Record<string, { readonly means: string; readonly next: string }>>

export type SourceErrorCode = keyof typeof SOURCE_ERRORS

export interface SourceErrorOptions {
  /** The error of git, the host or the system, without credentials. */
  readonly cause?: unknown
  /** The object that caused the error, if one did. */
  readonly object?: Oid | undefined
  /** How long the host asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined
}

/** `message` is for the domain team: the problem, then what to do. `causeLine` is for the operator. */
export class SourceError extends Error {
  readonly code: SourceErrorCode
  /** The error of git, the host or the system: one line without credentials, at most 500 characters. */
  readonly causeLine: string | null
  readonly object: Oid | null
  /** How long the host asks to wait, in milliseconds. */
  readonly retryAfterMs: number | null

  constructor(code: SourceErrorCode, message: string, options: SourceErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'SourceError'
    this.code = code
    this.causeLine = causeLine(options.cause)
    this.object = options.object ?? null
    this.retryAfterMs = options.retryAfterMs ?? null
  }
}

/** Builds the message: `happened`, a sentence with the name of the thing, then `next`. */
export function sourceError(
  code: SourceErrorCode,
  happened: string,
  { next = SOURCE_ERRORS[code].next, ...options }: SourceErrorOptions & { readonly next?: string } = {},
): SourceError {
  return new SourceError(code, `${happened} ${next}`, options)
}

const MOST_CHARACTERS = 500
// Truncated before the regular expressions run: a response may have megabytes.
const MOST_SEARCHED = 16 * 1024

/** One line for terminals and logs. Control characters and invisible characters become spaces. */
export function oneLine(words: string): string {
  const visible = words
    .slice(0, MOST_SEARCHED)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
  return visible.length <= MOST_CHARACTERS
    ? visible
    : `${visible.slice(0, MOST_CHARACTERS - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

function causeLine(cause: unknown): string | null {
  if (cause === undefined || cause === null) return null
  const { message, code, name } = cause as { message?: unknown; code?: unknown; name?: unknown }
  const words = [message, code, name, cause].find((one) => typeof one === 'string' && one !== '')
  const line = oneLine(String(words ?? ''))
  return line === '' ? null : line
}

/** The result, or `null` if a git object that it needs is gone. */
export async function unlessMissing<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof SourceError && error.code === 'object_missing') return null
    throw error
  }
}
