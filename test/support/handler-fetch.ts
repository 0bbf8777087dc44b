import type { Fetch } from '../../client/transport/http-sender.ts'

/** Serves a registry, such as the `fetch` of a Hono app. */
export type Handler = (request: Request) => Response | Promise<Response>

/** A `fetch` that a handler answers, without a socket. */
export function handlerFetch(handler: Handler): Fetch {
  return async (url, init) => await handler(new Request(url, init))
}
