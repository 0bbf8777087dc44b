import { TransportError } from './transport.ts'

export interface Deadline {
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Who is waited for, to begin a sentence with: `The registry at http://localhost:8080`. */
  readonly who: string
}

// A longer delay makes `setTimeout` fire at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * Settles as `work` does, or rejects with `timeout` or `aborted` as soon as the time is up or the signal aborts,
 * whether or not `work` heeds the signal that it is given. Work is not begun when the signal has aborted already.
 */
export function withinDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { timeoutMs, signal, who }: Deadline,
): Promise<T> {
  if (signal?.aborted) return Promise.reject(aborted(signal))
  const inner = new AbortController()
  return new Promise((resolve, reject) => {
    const settle = (then: () => void) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      then()
    }
    const giveUp = (error: TransportError) =>
      settle(() => {
        reject(error)
        inner.abort(error)
      })
    const onAbort = () => giveUp(aborted(signal))
    const timer = setTimeout(
      () => giveUp(new TransportError('timeout', `${who} did not answer in full within ${timeoutMs} ms.`)),
      Math.min(timeoutMs, LONGEST_TIMER_MS),
    )
    signal?.addEventListener('abort', onAbort, { once: true })
    const working = (async () => work(inner.signal))()
    working.then(
      (value) => settle(() => resolve(value)),
      (error) => settle(() => reject(error)),
    )
  })
}

function aborted(signal: AbortSignal | undefined): TransportError {
  return new TransportError('aborted', 'The request was cancelled by its caller.', { cause: signal?.reason })
}
