import type { Environment } from '../api/contract/environment.ts'
import type { Fetch } from './transport/http-sender.ts'

const { fetch: ownFetch } = globalThis
const DISPATCHER = Symbol.for('undici.globalDispatcher.1')

/**
 * Parts of the process that the client uses if no option provides them. Nothing else reads them. `fetch` is looked up at
 * each call, so that instrumentation of the global one works.
 */
export const ambient = {
  env: (): Environment => globalThis.process?.env ?? {},
  fetch: ((url, init) => globalThis.fetch(url, init)) satisfies Fetch as Fetch,
  /**
   * What `fetch` sends by in Node, once it is loaded. `undefined` if something replaced `fetch` itself, such as a mock or
   * a tracer.
   */
  dispatcher: (): unknown =>
    globalThis.fetch === ownFetch ? (globalThis as { [DISPATCHER]?: unknown })[DISPATCHER] : undefined,
  /** Milliseconds that never go back. */
  clock: (): number => performance.now(),
  /** Milliseconds since 1970. */
  now: (): number => Date.now(),
  random: (): number => Math.random(),
  /** A string of letters and digits that nobody can guess. */
  newMarker: (): string =>
    Array.from(crypto.getRandomValues(new Uint32Array(5)), (part) => part.toString(36)).join('x'),
}
