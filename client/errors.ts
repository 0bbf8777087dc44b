import type { ErrorCode } from '../api/contract/errors.ts'
import type { TransportErrorCode } from './transport/transport.ts'

export type TierName = 'lambda' | 'http' | 'in_process' | 'local'

export type LocalFileErrorCode =
  | 'no_file'
  | 'outside_local_dir'
  | 'not_a_file'
  | 'too_large'
  | 'not_text'
  | 'unreadable'

/**
 * Why one tier returned no prompt.
 *
 * @example
 * ```ts
 * for (const { tier, code, message } of error.attempts) console.error(`${tier}: ${message} [${code}]`)
 * ```
 */
export interface Attempt {
  readonly tier: TierName
  /**
   * `circuit_open`: the tier was down less than a second ago, so it was not asked. `unverified`: no signed set proves
   * what it has.
   */
  readonly code: ErrorCode | TransportErrorCode | LocalFileErrorCode | 'circuit_open' | 'unverified'
  /** A sentence with the next move. */
  readonly message: string
}

/**
 * Why there is no prompt.
 *
 * - From the registry: `not_found`, `not_released`, `revoked`, `gone`, `mode_not_allowed`, `unauthorized`, `forbidden`.
 * - With `verify`: `unverified`, if no signed set proves the text of a tier.
 * - Of a session: `not_in_set`, and `no_set` if the registry no longer has its set.
 * - No usable answer: `timeout`, `unavailable` (unreachable, overloaded or failing), `bad_answer` (not a registry's).
 * - From the caller: `aborted`, `invalid_reference`, `invalid_mode`, `invalid_configuration`.
 */
export type ResolutionErrorCode =
  | 'not_found'
  | 'not_released'
  | 'revoked'
  | 'gone'
  | 'mode_not_allowed'
  | 'not_in_set'
  | 'no_set'
  | 'unverified'
  | 'unauthorized'
  | 'forbidden'
  | 'timeout'
  | 'unavailable'
  | 'bad_answer'
  | 'aborted'
  | 'invalid_reference'
  | 'invalid_mode'
  | 'invalid_configuration'

/**
 * Why there is no prompt. `attempts` has every tier in order; `cause` holds their errors.
 *
 * @example
 * ```ts
 * try {
 *   await client.get('support/triage')
 * } catch (error) {
 *   if (isPromptResolutionError(error) && error.code === 'revoked') return fallback
 *   throw error
 * }
 * ```
 */
export class PromptResolutionError extends Error {
  /** Also in the built client, which shortens other names. */
  static override readonly name: string = 'PromptResolutionError'
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

/**
 * Whether an error is a `PromptResolutionError` of this copy of the package.
 *
 * @example
 * ```ts
 * if (isPromptResolutionError(error)) console.error(error.code, error.attempts)
 * ```
 */
export function isPromptResolutionError(error: unknown): error is PromptResolutionError {
  return error instanceof PromptResolutionError
}

/** No signed set proves the text of a tier. */
export class UnverifiedError extends Error {
  /** Also in the built client, which shortens other names. */
  static override readonly name: string = 'UnverifiedError'
  readonly code = 'unverified'
}

/** Why a local file cannot be used. */
export class LocalFileError extends Error {
  /** Also in the built client, which shortens other names. */
  static override readonly name: string = 'LocalFileError'
  readonly code: LocalFileErrorCode

  constructor(code: LocalFileErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'LocalFileError'
    this.code = code
  }
}
