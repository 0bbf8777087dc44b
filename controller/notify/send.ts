import type { Runtime } from '../values/runtime.ts'
import type { Notification } from './notification.ts'
import { signatureHeaders } from './webhook-signature.ts'

/** A receiver of notifications. */
export interface Receiver {
  readonly url: string
  /** Its host, for messages: the rest of a URL may be a secret. */
  readonly name: string
  readonly key: Buffer
}

/** `gone`: the receiver wants no more. Otherwise `problem` is the reason of a failure, in a sentence part. */
export type Sent = 'delivered' | 'gone' | { readonly problem: string }

/**
 * Sends notifications with some retries. `accepted`: how many of them, from the first, until the problem. Rejects with the
 * reason of the signal.
 */
export type SendAll = (
  notifications: readonly Notification[],
  signal: AbortSignal,
) => Promise<{ readonly accepted: number; readonly problem: string | null }>

const TIMEOUT_MS = 15_000

/** Sends a notification once. Follows no redirect: it would take the notification to another host. */
export async function send(
  notification: Notification,
  { url, key }: Receiver,
  { fetch, now, signal }: Pick<Runtime, 'fetch' | 'now' | 'signal'>,
): Promise<Sent> {
  const body = JSON.stringify(notification)
  const headers = {
    'content-type': 'application/cloudevents+json; charset=utf-8',
    ...signatureHeaders(notification.id, now(), body, key),
  }
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
  try {
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: limit })
    await response.body?.cancel()
    if (response.ok) return 'delivered'
    return response.status === 410 ? 'gone' : { problem: `it answered ${response.status}` }
  } catch (error) {
    signal.throwIfAborted()
    return { problem: causeOf(error) }
  }
}

/** The code alone: the message of a failed `fetch` may contain the URL. */
function causeOf(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: unknown } }
  if (name === 'TimeoutError') return `it did not answer within ${TIMEOUT_MS / 1000} s`
  return typeof cause?.code === 'string' ? `it is unreachable (${cause.code})` : 'it is unreachable'
}
