import { Cancellation } from './cancellation.ts'
import { hostTimer, type SetTimer } from './timer.ts'
import { TransportError } from './transport.ts'

export interface Deadline {
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Nobody waits for it, so it must not keep the process alive. */
  readonly background?: boolean | undefined
  readonly setTimer?: SetTimer | undefined
  /** Who is waited for, to begin a sentence with: `The registry at http://localhost:8080`. */
  readonly who: string
}

/**
 * Settles as `work` does, or rejects with `timeout` or `aborted` as soon as the time is up or the signal aborts,
 * whether or not `work` heeds the cancellation that it is given. Work is not begun when the signal has aborted already.
 */
export function withinDeadline<T>(
  work: (cancellation: Cancellation) => Promise<T>,
  { timeoutMs, signal, background, setTimer = hostTimer, who }: Deadline,
): Promise<T> {
  if (signal?.aborted) return Promise.reject(aborted(signal))
  const inner = new Cancellation()
  return new Promise((resolve, reject) => {
    const stopWaiting = () => {
      stopTimer()
      signal?.removeEventListener('abort', onAbort)
    }
    const giveUp = (error: TransportError) => {
      stopWaiting()
      reject(error)
      inner.cancel(error)
    }
    const onAbort = () => giveUp(aborted(signal))
    const timedOut = () =>
      giveUp(new TransportError('timeout', `${who} did not answer in full within ${timeoutMs} ms.`))
    const stopTimer = setTimer(timedOut, timeoutMs, { background })
    signal?.addEventListener('abort', onAbort, { once: true })
    work(inner).then(
      (value) => {
        stopWaiting()
        resolve(value)
      },
      (error) => {
        stopWaiting()
        reject(error)
      },
    )
  })
}

function aborted(signal: AbortSignal | undefined): TransportError {
  return new TransportError('aborted', 'The request was cancelled by its caller.', { cause: signal?.reason })
}
