import type { CallLimit } from '../../api/http/direct-api.ts'
import { withinDeadline } from '../../client/transport/deadline.ts'
import { TIMEOUT_MS } from './ended-by.ts'

/** Ends calls as requests end: after `TIMEOUT_MS`, or when the signal of the call, or else this one, aborts. */
export function callLimit(otherwise?: AbortSignal): CallLimit {
  const limits = { who: 'The registry in this process', timeoutMs: TIMEOUT_MS }
  return (work, { signal = otherwise }) => withinDeadline(work, { ...limits, signal })
}
