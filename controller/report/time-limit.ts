/** Aborted after so many milliseconds. */
export type Timeout = (ms: number) => AbortSignal

export const byTheClock: Timeout = (ms) => AbortSignal.timeout(ms)

/** Aborted by the time limit, and with `signal`. */
export function inTime(limit: AbortSignal, signal: AbortSignal | undefined): AbortSignal {
  return signal === undefined ? limit : AbortSignal.any([limit, signal])
}

/** Rejects with the signal, also where the work knows nothing of it and goes on. */
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
