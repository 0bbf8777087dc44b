import type { ErrorCode } from '../api/contract/errors.ts'
import type { TransportErrorCode } from './transport/transport.ts'

/** `memory` is what the registry last said; see `last-known.ts`. */
export type TierName = 'lambda' | 'http' | 'in_process' | 'memory' | 'local'

export type LocalFileErrorCode =
  | 'no_file'
  | 'outside_local_dir'
  | 'not_a_file'
  | 'too_large'
  | 'not_text'
  | 'unreadable'

/** What one tier said instead of a text. */
export interface Attempt {
  readonly tier: TierName
  readonly code: ErrorCode | TransportErrorCode | LocalFileErrorCode
  /** A sentence with the next move. */
  readonly message: string
}

/**
 * `not_resolved`: no tier has the text. `revoked`: the registry said so, which ends the search.
 * `aborted`: the caller's signal. The others are mistakes of the caller, found before any tier is asked.
 */
export type ResolutionErrorCode =
  | 'not_resolved'
  | 'revoked'
  | 'aborted'
  | 'invalid_reference'
  | 'invalid_mode'
  | 'invalid_configuration'

/** Why there is no text. `attempts` has every tier that was asked, in order; `cause` is what they threw. */
export class PromptResolutionError extends Error {
  readonly code: ResolutionErrorCode
  readonly attempts: readonly Attempt[]

  constructor(
    code: ResolutionErrorCode,
    message: string,
    { attempts = [], cause }: { attempts?: readonly Attempt[]; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'PromptResolutionError'
    this.code = code
    this.attempts = attempts
  }
}

export function isPromptResolutionError(error: unknown): error is PromptResolutionError {
  return error instanceof PromptResolutionError
}

/** Why a local file gives no text. */
export class LocalFileError extends Error {
  readonly code: LocalFileErrorCode

  constructor(code: LocalFileErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'LocalFileError'
    this.code = code
  }
}
