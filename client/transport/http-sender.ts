import { type RawAnswer, type ReadLimits, readResponse } from './answer.ts'

/** As much of `fetch` as the transport needs. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface HttpRequest {
  readonly method: string
  /** Scheme, host and port. */
  readonly origin: string
  /** Path and query, as they go on the wire. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  /** Nobody waits for it, so it must not keep the process alive. */
  readonly background: boolean
}

/** Sends one request and reads the whole answer. Follows no redirect. Rejects with whatever went wrong. */
export type HttpSender = (request: HttpRequest, limits: ReadLimits) => Promise<RawAnswer>

/** The sender is loaded by the first request. */
export function lazySender(load: () => Promise<HttpSender>): HttpSender {
  let loading: Promise<HttpSender> | undefined
  let sender: HttpSender | undefined
  const loaded = async () => {
    sender = await load()
    return sender
  }
  return (request, limits) => {
    if (sender !== undefined) return sender(request, limits)
    loading ??= loaded()
    return loading.then((send) => send(request, limits))
  }
}

export function fetchSender(fetch: Fetch): HttpSender {
  return async ({ method, origin, path, headers, body }, limits) => {
    const { signal } = limits.cancellation
    const init = { method, redirect: 'manual', headers, signal, ...(body !== undefined && { body }) } as const
    return readResponse(await fetch(origin + path, init), limits)
  }
}
