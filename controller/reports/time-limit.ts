/** Aborted after so many milliseconds, and with `signal`. */
export function inTime(ms: number, signal: AbortSignal | undefined): AbortSignal {
  const limit = AbortSignal.timeout(ms)
  return signal === undefined ? limit : AbortSignal.any([limit, signal])
}
