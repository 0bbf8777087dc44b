import { RegistryError } from '../../contract/errors.ts'

/** Transient errors and cancellation reasons. */
const PASSING: readonly string[] = [
  'ConditionalRequestConflict',
  'LimitExceededException',
  'OperationAborted',
  'ProvisionedThroughputExceeded',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingError',
  'ThrottlingException',
  'TransactionConflict',
  'TransactionConflictException',
  'TransactionInProgressException',
]

interface AwsError {
  readonly name?: unknown
  readonly $metadata?: { readonly httpStatusCode?: number }
  readonly CancellationReasons?: readonly { readonly Code?: string }[]
}

export function errorName(error: unknown): string {
  const { name } = (error ?? {}) as AwsError
  return typeof name === 'string' ? name : ''
}

export function httpStatus(error: unknown): number | undefined {
  return ((error ?? {}) as AwsError).$metadata?.httpStatusCode
}

/**
 * The cancellation reason of each item of a transaction, `None` if the item did not fail; empty for other errors.
 */
export function cancellationReasons(error: unknown): readonly string[] {
  if (errorName(error) !== 'TransactionCanceledException') return []
  return ((error as AwsError).CancellationReasons ?? []).map(({ Code }) => Code ?? 'None')
}

/** Whether AWS refuses temporarily: throttling, or another transaction on the same rows. */
export function isPassing(error: unknown): boolean {
  const reasons = cancellationReasons(error).filter((reason) => reason !== 'None')
  if (reasons.length > 0) return reasons.every((reason) => PASSING.includes(reason))
  return PASSING.includes(errorName(error)) || httpStatus(error) === 429
}

/**
 * Causes that may pass: AWS refuses temporarily, the connection or the service breaks, or there is no response in
 * time.
 */
export type Passing = 'refused' | 'broken' | 'timeout'

/** There was no response in time. */
export class TimeoutError extends Error {
  constructor() {
    super('AWS did not answer in time.')
    this.name = 'TimeoutError'
  }
}

/** `undefined` if another attempt would fail the same way. */
export function passing(error: unknown): Passing | undefined {
  if (error instanceof RegistryError) return undefined
  if (isPassing(error)) return 'refused'
  // The SDK uses the same name for broken connections.
  if (error instanceof TimeoutError) return 'timeout'
  const status = httpStatus(error)
  return status === undefined || status >= 500 || status < 300 ? 'broken' : undefined
}

/** Maps a failure of AWS to a `RegistryError`. */
export function awsFailure(error: unknown): RegistryError {
  if (error instanceof RegistryError) return error
  const kind = passing(error)
  if (kind === 'refused' || kind === 'timeout') return tooBusy(error)
  return new RegistryError('unavailable', 'The registry cannot reach its storage on AWS; see its log.', {
    cause: error,
  })
}

export function tooBusy(cause?: unknown): RegistryError {
  return new RegistryError('busy', 'The registry is busy; try again in a moment.', { cause })
}

/** The failure of a write that AWS may have carried out. A repeat finds the rows and changes nothing twice. */
export function unconfirmed({ code, cause }: RegistryError): RegistryError {
  return new RegistryError(
    code,
    'AWS did not confirm the change, so it may have been made; repeat the request, which makes no change twice.',
    { details: { unconfirmed: true }, cause },
  )
}

/** DynamoDB processed nothing of a batch, which is how it throttles batches. */
export const tooMuchAtOnce = Object.assign(new Error('DynamoDB processed nothing of a batch.'), {
  name: 'ThrottlingException',
})
