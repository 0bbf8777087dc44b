import { z } from 'zod'
import { oneLine, SourceError, sourceError } from '../source-error.ts'
import type { Address } from './address.ts'
import { KeyTrouble } from './authorization.ts'
import { notUnderstood, refusedBy, stopped } from './errors.ts'
import type { KnownSecrets } from './secrets.ts'

/** Converts Octokit's errors, without secrets. */
export function failure(
  error: unknown,
  { address, secrets }: { readonly address: Address; readonly secrets: KnownSecrets },
  signal?: AbortSignal,
): SourceError {
  if (error instanceof SourceError) return error
  if (error instanceof Error && error.cause instanceof SourceError) return error.cause
  if (signal?.aborted) return stopped(signal.reason)
  const words = secrets.scrub(error instanceof Error ? error.message : String(error))
  const status = statusOf(error)
  if (status !== undefined && 'response' in (error as object))
    return refusedBy(status, `${address.owner}/${address.name}`, words)
  const cause = new Error(oneLine(words))
  // Errors of the transport were returned above, so nothing was sent.
  if (error instanceof KeyTrouble)
    return sourceError('unauthorized', 'The private key of the GitHub App cannot be used.', {
      next: 'Use the PEM file that GitHub generated for the App.',
      cause,
    })
  return sourceError('failed', `The request to GitHub failed: ${cause.message.slice(0, 200)}.`, { cause })
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

/** Rejects when the signal aborts, even if the work ignores it, such as the creation of a token. */
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
