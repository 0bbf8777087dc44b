/** Calls back once after the given milliseconds. Returns a function that cancels it. */
export type SetTimer = (callback: () => void, ms: number, options?: TimerOptions) => () => void

export interface TimerOptions {
  /** Nobody waits for it, so it must not keep the process alive. */
  readonly background?: boolean | undefined
}

// A longer delay makes `setTimeout` fire at once.
export const LONGEST_MS = 2 ** 31 - 1

/** The timers of the host: Node, a browser or a worker. */
export const hostTimer: SetTimer = (callback, ms, { background = false } = {}) => {
  const timer: unknown = setTimeout(callback, Math.min(Math.max(0, ms), LONGEST_MS))
  if (background && isNodeTimer(timer)) timer.unref()
  return () => clearTimeout(timer as Parameters<typeof clearTimeout>[0])
}

function isNodeTimer(timer: unknown): timer is { unref(): void } {
  return typeof timer === 'object' && timer !== null && 'unref' in timer
}
