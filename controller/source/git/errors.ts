import type { Scrub } from '../../../api/contract/secrets.ts'
import { oneLine, SourceError, type SourceErrorCode, sourceError } from '../source-error.ts'
import { type Diagnosis, type DiagnosisNames, LOCAL_DIAGNOSES, REMOTE_DIAGNOSES } from './diagnoses.ts'
import { diagnoseStatus, foreignContent, isForeign } from './http-diagnosis.ts'
import type { ProcessEnd } from './process.ts'
import type { GitTimeouts } from './timeouts.ts'

/** Replaces the secrets in a string with `***`. */
export function scrubber(secrets: readonly string[]): Scrub {
  const longestFirst = [...secrets].filter((secret) => secret !== '').sort((a, b) => b.length - a.length)
  return (text) => longestFirst.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
}

/** A local command failed, so the cache is damaged. */
export class CacheDamage extends SourceError {
  constructor(message: string, cause?: unknown) {
    super('cache_damaged', message, { cause })
  }
}

export function cacheDamage(happened: string, cause?: unknown): CacheDamage {
  return new CacheDamage(`${happened} The next pass recreates the cache.`, cause)
}

export interface FailureContext {
  readonly where: 'local' | 'remote'
  /** Completes "Git could not …". */
  readonly doing: string
  readonly names: DiagnosisNames
  readonly timeouts: GitTimeouts
  readonly scrub: Scrub
  /** The reason of the caller's signal. */
  readonly reason?: unknown
}

/** Diagnoses a git command that failed. */
export function gitFailure(end: ProcessEnd, context: FailureContext): SourceError {
  const { where, doing, names, scrub } = context
  const cause = new Error(oneLine(scrub(significant(end.errors))) || endOf(end))
  if (end.killedBecause === 'aborted')
    return new SourceError('failed', `Stopped before git could ${doing}.`, { cause: context.reason })
  const local = diagnose(LOCAL_DIAGNOSES, ownWords(end.errors), names)
  if (local) return sourceError(local.code, local.happened, { ...local, cause })
  if (where === 'local') return cacheDamage(`Git could not ${doing}.`, cause)
  const found = silence(end, context) ?? ofAnswer(end, names) ?? diagnose(REMOTE_DIAGNOSES, end.errors, names)
  if (found) return sourceError(found.code, scrub(found.happened), { ...found, cause })
  const words = cause.message.replace(/\.$/, '').slice(0, MOST_WORDS)
  return sourceError('failed', `Git could not ${doing}: ${words}.`, {
    next: `Try git ls-remote ${names.repository} as the user that runs the controller.`,
    cause,
  })
}

const MOST_WORDS = 200

/** Describes a failure without output. */
function endOf({ code, http }: ProcessEnd): string {
  const answer = http ? [`HTTP ${http.status}`, http.contentType] : []
  return [...answer, `git ended with ${code ?? 'a signal'}`].filter((one) => one !== '').join(', ')
}

interface DiagnosedError {
  readonly code: SourceErrorCode
  readonly happened: string
  readonly next?: string
  readonly retryAfterMs?: number | undefined
}

function diagnose(
  rows: readonly Diagnosis[],
  words: string,
  names: DiagnosisNames,
): DiagnosedError | undefined {
  for (const { match, code, happened, next } of rows) {
    const found = match.exec(words)
    if (found === null) continue
    const move = typeof next === 'function' ? next(names) : next
    return { code, happened: happened(names, found), ...(move !== undefined && { next: move }) }
  }
  return undefined
}

function silence(
  { killedBecause }: ProcessEnd,
  { names: { host }, timeouts: { firstByteMs, silenceMs } }: FailureContext,
): DiagnosedError | undefined {
  const seconds = (ms: number) => `${Math.ceil(ms / 1000)} seconds`
  if (killedBecause === 'no answer')
    return {
      code: 'unreachable',
      happened: `The host ${host} did not answer within ${seconds(firstByteMs)}.`,
    }
  if (killedBecause === 'silence')
    return { code: 'unreachable', happened: `The host ${host} sent nothing for ${seconds(silenceMs)}.` }
  return undefined
}

/** Diagnoses the status or the content type of the last HTTP response. */
function ofAnswer({ http, errors }: ProcessEnd, names: DiagnosisNames): DiagnosedError | undefined {
  if (!http) return undefined
  const status = diagnoseStatus(http, names)
  if (status || !isForeign(http)) return status
  // Git's messages about a web page are useless.
  const words = diagnose(REMOTE_DIAGNOSES, errors, names)
  return words === undefined || FOREIGN.includes(words.code) ? foreignContent(http, names) : words
}

const FOREIGN: readonly SourceErrorCode[] = ['not_a_repository', 'not_found']

/** Diagnoses a git process that could not be started. */
export function spawnFailure(error: unknown): SourceError {
  if (error instanceof SourceError) return error
  return isMissingFile(error)
    ? gitMissing(error)
    : sourceError('failed', 'Git could not be started.', { next: STARTED, cause: error })
}

const STARTED = 'Check the limits of processes and open files on this machine.'

export function gitMissing(cause: unknown): SourceError {
  return sourceError('git_missing', 'Git was not found.', { cause })
}

function isMissingFile(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/** The last lines of git's output, without its progress meter. */
function significant(errors: string): string {
  const lines = errors
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !PROGRESS.test(line) && !CHATTER.test(line))
  const kept: string[] = []
  let length = 0
  for (const line of lines.toReversed()) {
    length += line.length + 2
    if (length > MOST_CAUSE && kept.length > 0) break
    kept.unshift(line)
  }
  return kept.join('; ')
}

// A cause has at most 500 characters.
const MOST_CAUSE = 480
const PROGRESS = /^(remote: )?[A-Z][a-z]+( [a-z]+)+: +\d+(% \(.*|, done.*)?$/
const CHATTER =
  /^(Please make sure you have the correct access rights|and the repository exists\.|Warning: Permanently added)/

/** Git's lines, without those of the remote. */
function ownWords(errors: string): string {
  return errors
    .split(/[\r\n]+/)
    .filter((line) => !line.startsWith('remote:'))
    .join('\n')
}
