import type { Agent, ClientRequest, IncomingMessage, RequestOptions, request } from 'node:http'
import process from 'node:process'
import { urlToHttpOptions } from 'node:url'
import type { RawAnswer, ReadLimits } from './answer.ts'
import { AnswerBody } from './answer-body.ts'
import type { HttpRequest, HttpSender } from './http-sender.ts'
import { mergedHeaders } from './raw-headers.ts'

const POOL = { keepAlive: true, maxSockets: 128, scheduling: 'lifo' } as const

/** How to send to one origin. */
interface SocketTarget {
  readonly host: string
  readonly options: RequestOptions
  readonly request: typeof request
}

/**
 * Sends by `node:http` over a pool of connections, which takes less time than `fetch`. The module
 * is loaded by the first request.
 */
export function socketSender(): HttpSender {
  const loading = new Map<string, Promise<SocketTarget>>()
  const targets = new Map<string, SocketTarget>()
  const load = async (origin: string) => {
    const target = await targetOf(origin)
    targets.set(origin, target)
    return target
  }
  return (request, limits) => {
    const { origin } = request
    const target = targets.get(origin)
    if (target !== undefined) return send(target, request, limits)
    const loaded = loading.get(origin) ?? load(origin)
    loading.set(origin, loaded)
    return loaded.then((made) => send(made, request, limits))
  }
}

async function targetOf(origin: string): Promise<SocketTarget> {
  const url = new URL(origin)
  const { protocol, hostname, port } = urlToHttpOptions(url)
  const { Agent: Pool, request: send } = await loadModule(protocol === 'https:' ? 'node:https' : 'node:http')
  // A pool for one origin needs no other name for its connections.
  const agent: Agent = Object.assign(new Pool(POOL), { getName: () => origin })
  return { host: url.host, request: send, options: { protocol, hostname, port, agent } }
}

/** `import` would evaluate every export, among them `WebSocket` of `node:http`, which loads undici: 8 times the time. */
async function loadModule(name: 'node:http' | 'node:https') {
  const loaded = process.getBuiltinModule?.(name)
  return loaded ?? (await (name === 'node:https' ? import('node:https') : import('node:http')))
}

function send(target: SocketTarget, asked: HttpRequest, limits: ReadLimits): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    if (limits.cancellation.isCancelled) return reject(new Error('The request was cancelled.'))
    const { method, path, body, background } = asked
    const sent = target.request({ ...target.options, method, path, headers: wireHeaders(target, asked) })
    if (background) sent.on('socket', (socket) => socket.unref())
    limits.cancellation.stop = () => sent.destroy()
    const fail = (error: Error) => {
      limits.cancellation.stop = undefined
      reject(error)
    }
    sent.on('error', fail)
    sent.on('response', (response) => {
      response.on('error', fail)
      collect(response, sent, limits, fail, (answer) => {
        limits.cancellation.stop = undefined
        resolve(answer)
      })
    })
    sent.end(body)
  })
}

/** Names and values in one list, which Node sends as they are. */
function wireHeaders({ host }: SocketTarget, { headers, body }: HttpRequest): string[] {
  const list: string[] = []
  // A signed request has its own host.
  if (headers.host === undefined) list.push('host', host)
  for (const name in headers) list.push(name, headers[name] as string)
  if (body !== undefined) list.push('content-length', String(Buffer.byteLength(body)))
  return list
}

function collect(
  response: IncomingMessage,
  sent: ClientRequest,
  limits: ReadLimits,
  fail: (error: Error) => void,
  done: (answer: RawAnswer) => void,
): void {
  const body = new AnswerBody(limits.maxBytes)
  response.on('data', (chunk: Buffer) => {
    if (body.add(chunk)) return
    fail(limits.tooLong())
    sent.destroy()
  })
  response.on('end', () => {
    done({ status: response.statusCode ?? 0, headers: mergedHeaders(response.rawHeaders), bytes: body.bytes })
  })
}
