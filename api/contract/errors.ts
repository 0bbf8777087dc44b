/**
 * Every way a request can fail, as a closed list. The code that finds a failure writes its message;
 * `api/http/error-table.ts` maps each code to an HTTP status.
 */
export const ERROR_CODES = [
  'invalid_request',
  'invalid_json',
  'invalid_text',
  'invalid_prompt_id',
  'invalid_reference',
  'invalid_version',
  'invalid_mode',
  'unauthorized',
  'forbidden',
  'read_only',
  'not_offered',
  'mode_not_allowed',
  'not_found',
  'not_released',
  'not_in_set',
  'revoked',
  'gone',
  'no_set',
  'route_not_found',
  'method_not_allowed',
  'id_differs_by_case',
  'version_exists',
  'label_taken',
  'alias_taken',
  'not_owner',
  'not_newer',
  'breaking_inputs',
  'held',
  'in_use',
  'settling',
  'proof_required',
  'revision_conflict',
  'nothing_to_roll_back_to',
  'lease_held',
  'lease_lost',
  'too_large',
  'rate_limited',
  'unsupported_media_type',
  'text_missing',
  'storage_full',
  'busy',
  'unavailable',
  'internal',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

/** The body of an error response. `error` explains the problem to a stranger and ends with the next step. */
export interface ErrorDocument {
  readonly error: string
  readonly code: ErrorCode
  readonly details?: Readonly<Record<string, unknown>>
}

/**
 * A request that the registry refuses. `message` and `details` are for the caller; `cause` is for the operator's
 * log and never leaves the process.
 */
export class RegistryError extends Error {
  /** Also in the built client, which shortens other names. */
  static override readonly name: string = 'RegistryError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>> | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'RegistryError'
    this.code = code
    this.details = options.details
  }

  toDocument(): ErrorDocument {
    const document = { error: this.message, code: this.code }
    return this.details === undefined ? document : { ...document, details: this.details }
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return (ERROR_CODES as readonly unknown[]).includes(value)
}
