import { z } from 'zod'
import { SourceError } from '../git-source.ts'
import type { Address } from './address.ts'
import { notUnderstood, refusedBy, stopped } from './errors.ts'
import type { Secrets } from './secrets.ts'

/** Octokit's errors as ours, without secrets. */
export function failure(
  error: unknown,
  { address, secrets }: { readonly address: Address; readonly secrets: Secrets },
  signal?: AbortSignal,
): SourceError {
  if (error instanceof SourceError) return error
  if (error instanceof Error && error.cause instanceof SourceError) return error.cause
  if (signal?.aborted) return stopped(signal.reason)
  const words = secrets.scrub(error instanceof Error ? error.message : String(error))
  const status = statusOf(error)
  if (status !== undefined && 'response' in (error as object))
    return refusedBy(status, `${address.owner}/${address.name}`, words)
  const sentence = 'GitHub could not be asked: see the cause, and check the credentials of this source.'
  return new SourceError('unreachable', sentence, { cause: new Error(words) })
}

export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'status' in error && typeof error.status === 'number'
    ? error.status
    : undefined
}

export function parse<T>(schema: z.ZodType<T>, data: unknown): T {
  const parsed = schema.safeParse(data)
  if (parsed.success) return parsed.data
  throw notUnderstood(z.prettifyError(parsed.error).slice(0, 1000))
}

/** Ends with the signal, also where what is under way does not: a token that is being made knows nothing of it. */
export async function abortable<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return work
  let listener: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    listener = () => reject(stopped(signal.reason))
    signal.addEventListener('abort', listener)
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    if (listener) signal.removeEventListener('abort', listener)
  }
}
