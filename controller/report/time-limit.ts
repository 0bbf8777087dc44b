/** A signal that aborts after `ms` milliseconds. */
export type Timeout = (ms: number) => AbortSignal

export const byTheClock: Timeout = (ms) => AbortSignal.timeout(ms)

/** Aborts at the time limit or with `signal`. */
export function inTime(limit: AbortSignal, signal: AbortSignal | undefined): AbortSignal {
  return signal === undefined ? limit : AbortSignal.any([limit, signal])
}

/** Rejects when the signal aborts, even if the work ignores it and continues. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  let stop = () => {}
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop)
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
