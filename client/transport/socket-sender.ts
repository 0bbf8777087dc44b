import type { Agent, ClientRequest, IncomingMessage, RequestOptions, request } from 'node:http'
import { urlToHttpOptions } from 'node:url'
import { type RawAnswer, type ReadLimits, tooLong } from './answer.ts'
import type { HttpRequest, HttpSender } from './http-sender.ts'

const POOL = { keepAlive: true, maxSockets: 128, scheduling: 'lifo' } as const

/** How to send to one origin. */
interface SocketTarget {
  readonly options: RequestOptions
  readonly request: typeof request
}

/**
 * Sends by `node:http` over a pool of connections, which takes less time than `fetch`. The module
 * is loaded by the first request: that costs more than loading the rest of the client.
 */
export function socketSender(): HttpSender {
  const targets = new Map<string, Promise<SocketTarget>>()
  return async (request, limits) => {
    let target = targets.get(request.origin)
    if (target === undefined) {
      target = targetOf(request.origin)
      targets.set(request.origin, target)
    }
    return await send(await target, request, limits)
  }
}

async function targetOf(origin: string): Promise<SocketTarget> {
  const { protocol, hostname, port } = urlToHttpOptions(new URL(origin))
  const { Agent: Pool, request: send } =
    protocol === 'https:' ? await import('node:https') : await import('node:http')
  const agent: Agent = new Pool(POOL)
  return { request: send, options: { protocol, hostname, port, agent } }
}

function send(
  { request, options }: SocketTarget,
  { method, path, headers, body, background }: HttpRequest,
  limits: ReadLimits,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    if (limits.cancellation.isCancelled) return reject(new Error('The request was cancelled.'))
    const sent = request({ ...options, method, path, headers: withLength(headers, body) })
    if (background) sent.on('socket', (socket) => socket.unref())
    const stopListening = limits.cancellation.onCancel(() => sent.destroy())
    const settle = (then: () => void) => {
      stopListening()
      then()
    }
    sent.on('error', (error) => settle(() => reject(error)))
    sent.on('response', (response) =>
      collect(response, sent, limits).then(
        (answer) => settle(() => resolve(answer)),
        (error) => settle(() => reject(error)),
      ),
    )
    sent.end(body)
  })
}

function withLength(headers: HttpRequest['headers'], body: string | undefined): RequestOptions['headers'] {
  return body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) }
}

function collect(response: IncomingMessage, sent: ClientRequest, limits: ReadLimits): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    response.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limits.maxBytes) chunks.push(chunk)
      else {
        reject(tooLong(limits))
        sent.destroy()
      }
    })
    response.on('error', reject)
    response.on('end', () => {
      const [first] = chunks
      const bytes = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, size)
      const { 'set-cookie': _, ...headers } = response.headers
      resolve({ status: response.statusCode ?? 0, headers: headers as RawAnswer['headers'], bytes })
    })
  })
}
