import type { MountedHandler } from '../../../api/http/beside.ts'
import { remoteAddress } from '../../../api/http/remote-address.ts'

/** A request that a worker passes to the main thread. */
export interface ForwardedRequest {
  readonly url: string
  readonly method: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Uint8Array | null
  readonly remoteAddress: string | undefined
}

export interface ForwardedResponse {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Uint8Array
}

/** A form of the console has at most 64 KiB, and refuses a body with more. */
const MOST_BYTES = 64 * 1024 + 1

/** In a worker: lets the main thread answer requests below the prefix. */
export function forwarding(
  { prefix, root = false }: Pick<MountedHandler, 'prefix' | 'root'>,
  forward: (request: ForwardedRequest) => Promise<ForwardedResponse>,
): MountedHandler {
  return {
    prefix,
    root,
    async fetch(request, env) {
      const { url, method, headers } = request
      const { status, ...answer } = await forward({
        ...{ url, method, headers: [...headers] },
        body: await bodyOf(request),
        remoteAddress: remoteAddress(env),
      })
      // A response with one of these statuses must not have a body, not even an empty one.
      const body = [204, 304].includes(status) ? null : new Uint8Array(answer.body)
      return new Response(body, { status, headers: answer.headers.map(([name, value]) => [name, value]) })
    },
  }
}

/** In the main thread: answers with the handler that the request is for. */
export async function answerForwarded(
  handlers: readonly MountedHandler[],
  { url, method, headers, body, remoteAddress }: ForwardedRequest,
): Promise<ForwardedResponse> {
  const { pathname } = new URL(url)
  const handler = handlers.find(
    ({ prefix, root }) => pathname.startsWith(prefix) || (root && pathname === '/'),
  )
  if (handler === undefined) throw new Error(`No handler for ${pathname}`)
  const request = new Request(url, {
    method,
    headers: headers.map(([name, value]) => [name, value]),
    body: body === null ? null : new Uint8Array(body),
  })
  const response = await handler.fetch(request, { incoming: { socket: { remoteAddress } } })
  return {
    status: response.status,
    headers: [...response.headers],
    body: new Uint8Array(await response.arrayBuffer()),
  }
}

/** The start of the body. The rest is read and dropped, because a connection with an unread body is closed. */
async function bodyOf({ body }: Request): Promise<Uint8Array | null> {
  if (body === null) return null
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    if (bytes < MOST_BYTES) chunks.push(chunk.subarray(0, MOST_BYTES - bytes))
    bytes += chunk.byteLength
  }
  return Buffer.concat(chunks)
}
