import type { Fetch } from './transport/http.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * What the client takes from the process when it is not given it. The only place that reaches for it.
 * `fetch` is looked up at each call, so that what instruments the global one is seen.
 */
export const ambient = {
  env: (): Environment => process.env,
  fetch: ((url, init) => globalThis.fetch(url, init)) satisfies Fetch as Fetch,
  /** Milliseconds that never go back. */
  clock: (): number => performance.now(),
}
