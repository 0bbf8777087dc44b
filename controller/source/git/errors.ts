import { SourceError, type SourceErrorCode } from '../git-source.ts'
import type { ProcessEnd } from './process.ts'

export type Scrub = (text: string) => string

/** Takes every given secret out of a text. */
export function scrubber(secrets: readonly string[]): Scrub {
  const longestFirst = [...secrets].filter((secret) => secret !== '').sort((a, b) => b.length - a.length)
  return (text) => longestFirst.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
}

/** `match` is looked for in git's words (it runs under LC_ALL=C); the first row that matches speaks. */
interface Diagnosis {
  readonly match: RegExp
  readonly code: SourceErrorCode
  readonly sentence: string
}

const DIAGNOSES: readonly Diagnosis[] = [
  {
    match:
      /could not read (Username|Password)|Authentication failed|error: 40[13]\b|Permission denied|HTTP Basic: Access denied/i,
    code: 'unreachable',
    sentence:
      'The host refused access to the repository: check the address and the credentials of this source.',
  },
  {
    match: /Host key verification failed/i,
    code: 'unreachable',
    sentence: "The host's SSH key is not known: add it to known_hosts of the user that runs the controller.",
  },
  {
    match: /dubious ownership/i,
    code: 'unreachable',
    sentence: 'The repository belongs to another user of this machine: add its path to git’s safe.directory.',
  },
  {
    match:
      /(Could not|unable to) resolve host|Failed to connect|Connection (refused|reset|timed out)|Couldn't connect/i,
    code: 'unreachable',
    sentence:
      'The host of the repository could not be reached: check the address, the network and the proxy.',
  },
  {
    match: /unable to update url base from redirection|error: 30\d\b/i,
    code: 'unreachable',
    sentence: 'The host answered with a redirect: write the new address of the repository into this source.',
  },
  {
    match:
      /does not appear to be a git repository|repository .* (not found|does not exist)|Repository not found|error: 404\b|does not exist/i,
    code: 'unreachable',
    sentence: 'There is no git repository at this address: check the address of this source.',
  },
  {
    match: /not our ref|unadvertised object|couldn't find remote ref|remote error: .*not (found|valid)/i,
    code: 'object_missing',
    sentence:
      'The repository no longer has an object that it listed: it changed meanwhile, so read it again.',
  },
  {
    match:
      /unable to access|hung up|early EOF|unexpected disconnect|RPC failed|Could not read from remote|transport .* not allowed|expected flush|invalid packet|bad line length|protocol error|unexpected EOF|SSL|TLS|certificate/i,
    code: 'unreachable',
    sentence: 'The connection to the repository failed or was cut: it is tried again at the next pass.',
  },
]

/** A command that only works on the cache failed: the cache is not what git left there. */
export class CacheDamage extends SourceError {
  constructor(message: string, cause?: unknown) {
    super('failed', message, { cause })
  }
}

/** What a git that did not succeed means to the caller. `doing` completes "Git could not …". */
export function gitFailure(
  where: 'local' | 'remote',
  doing: string,
  end: ProcessEnd,
  scrub: Scrub,
  reason?: unknown,
): SourceError {
  const cause = new Error(scrub(significant(end.errors)) || `git ended with ${end.code ?? 'a signal'}`)
  if (end.killedBecause === 'aborted') {
    return new SourceError('failed', `Stopped before git could ${doing}.`, { cause: reason })
  }
  if (end.killedBecause === 'silent') {
    const sentence = 'The repository did not answer in time: check the network, or allow more time.'
    return new SourceError('unreachable', sentence, { cause })
  }
  if (where === 'local')
    return new CacheDamage(`Git could not ${doing}: its own words are in the cause.`, cause)
  const diagnosis = DIAGNOSES.find(({ match }) => match.test(end.errors))
  if (diagnosis) return new SourceError(diagnosis.code, diagnosis.sentence, { cause })
  return new SourceError('failed', `Git could not ${doing}: its own words are in the cause.`, { cause })
}

/** What went wrong before git ran at all. */
export function spawnFailure(error: unknown): SourceError {
  if (error instanceof SourceError) return error
  if (isMissingFile(error)) return gitMissing(error)
  return new SourceError('failed', 'Git could not be started: see the cause.', { cause: error })
}

export function gitMissing(cause: unknown): SourceError {
  return new SourceError('git_missing', 'Git was not found: install git 2.29 or newer, on the PATH.', {
    cause,
  })
}

function isMissingFile(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/** Git's words without its progress meter. */
function significant(errors: string): string {
  const lines = errors.split(/[\r\n]+/).filter((line) => line !== '' && !/: +\d+(% \(|, done|$)/.test(line))
  return lines.slice(-12).join('\n')
}
