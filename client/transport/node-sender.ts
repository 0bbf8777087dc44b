import type { HttpSender } from './http-sender.ts'
import { isDispatcher, isPlainAgent, poolSender } from './pool-sender.ts'
import { socketSender } from './socket-sender.ts'

export interface NodeSenderOptions {
  /** Of one request. */
  readonly timeoutMs: number
  readonly byFetch: HttpSender
  /** What `fetch` sends by; `undefined` if it is not loaded or not Node's own. */
  readonly dispatcher: () => unknown
}

/**
 * Sends as fast as the process allows without loading anything for it: over a pool of undici if the program has used
 * `fetch`, else by `node:http`. Requests in the background go by `node:http`, so that they don't hold the process. If
 * the program replaced the dispatcher, by a proxy or a mock, all requests go by `fetch`.
 */
export function nodeSender({ timeoutMs, byFetch, dispatcher }: NodeSenderOptions): HttpSender {
  const bySocket = socketSender()
  let byPool: HttpSender | undefined
  return (request, limits) => {
    const current = dispatcher()
    if (!isDispatcher(current)) return bySocket(request, limits)
    if (!isPlainAgent(current)) return byFetch(request, limits)
    if (request.background) return bySocket(request, limits)
    byPool ??= poolSender(current, timeoutMs) ?? bySocket
    return byPool(request, limits)
  }
}
