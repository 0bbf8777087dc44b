import { setTimeout as pause } from 'node:timers/promises'
import { RegistryError } from '../../contract/errors.ts'

const ATTEMPTS = 7
const FIRST_PAUSE_MS = 25
const LONGEST_PAUSE_MS = 800

/** Errors and reasons of cancelled transactions that pass by themselves. */
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

/** Why each item of a cancelled transaction was refused, `None` where it was not; empty for other errors. */
export function cancellationReasons(error: unknown): readonly string[] {
  if (errorName(error) !== 'TransactionCanceledException') return []
  return ((error as AwsError).CancellationReasons ?? []).map(({ Code }) => Code ?? 'None')
}

/** AWS refuses for now: throttling, or another transaction on the same rows. */
export function isPassing(error: unknown): boolean {
  const reasons = cancellationReasons(error).filter((reason) => reason !== 'None')
  if (reasons.length > 0) return reasons.every((reason) => PASSING.includes(reason))
  return PASSING.includes(errorName(error)) || httpStatus(error) === 429
}

/** What a failure of AWS is to a caller of the store. */
export function awsFailure(error: unknown): RegistryError {
  if (error instanceof RegistryError) return error
  if (isPassing(error)) return tooBusy(error)
  return new RegistryError('unavailable', 'The registry cannot reach its storage on AWS; see its log.', {
    cause: error,
  })
}

export function tooBusy(cause?: unknown): RegistryError {
  return new RegistryError('busy', 'The registry is busy with others; try again in a moment.', { cause })
}

/** Runs a call to AWS until it is not refused for now, a bounded number of times. Throws `RegistryError`. */
export async function retrying<T>(random: () => number, run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (!isPassing(error) || attempt === ATTEMPTS) throw awsFailure(error)
    }
    await backOff(random, attempt)
  }
}

/** Waits before the next attempt: any time up to a bound that doubles. False where there is to be none. */
export async function backOff(random: () => number, attempt: number): Promise<boolean> {
  if (attempt >= ATTEMPTS) return false
  await pause(random() * Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS))
  return true
}
