import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Transport } from '../../client/transport/transport.ts'
import type { Handler } from '../support/handler-fetch.ts'
import type { Behaviour, HarnessOptions, OpenHarness, SeenRequest } from './transport.contract.ts'

type Make = (url: string, options: HarnessOptions) => Transport

/** A harness around a real HTTP server. */
export function httpHarness(make: Make): OpenHarness {
  return serverHarness(make, seenOverHttp, actOverHttp)
}

/** The same, for requests that are signed: the credential is the session token that comes along. */
export function signedHttpHarness(make: Make): OpenHarness {
  const open = httpHarness(make)
  return async (options) => ({
    ...(await open(options)),
    credentialIn: ({ headers }) => headers['x-amz-security-token'],
  })
}

/** A harness around AWS Lambda's `Invoke`, as a server on this machine answers it. */
export function lambdaHarness(make: Make): OpenHarness {
  return serverHarness(make, seenByFunction, actAsFunction)
}

function serverHarness(
  make: Make,
  see: (request: IncomingMessage) => Promise<SeenRequest>,
  act: (behaviour: Behaviour, seen: SeenRequest, exchange: HttpExchange) => Promise<void>,
): OpenHarness {
  return async (options) => {
    const script = createScript()
    const server = createServer((request, response) => {
      // A client that went away is what some cases are about.
      response.on('error', () => undefined)
      void see(request).then(
        (seen) => act(script.next(seen), seen, { request, response, script }),
        () => undefined,
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    return {
      ...script,
      transport: make(`http://127.0.0.1:${port}`, options),
      close: async () => {
        script.stop()
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      },
    }
  }
}

/** A harness around a handler in this process. */
export function handlerHarness(make: (handler: Handler, options: HarnessOptions) => Transport): OpenHarness {
  return async (options) => {
    const script = createScript()
    const handler: Handler = async (request) => {
      const seen = await seenInProcess(request)
      return actInProcess(script.next(seen), seen, script)
    }
    return { ...script, transport: make(handler, options), close: async () => script.stop() }
  }
}

interface HttpExchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly script: Script
}

interface Script {
  readonly seen: SeenRequest[]
  behave(behaviour: Behaviour): void
  credentialIn(seen: SeenRequest): string | undefined
  next(seen: SeenRequest): Behaviour
  requested(): Promise<void>
  stop(): void
  stopped(): boolean
}

function createScript(): Script {
  const seen: SeenRequest[] = []
  let behaviour: Behaviour = { kind: 'echo' }
  let stopped = false
  let wake: () => void
  const first = new Promise<void>((resolve) => {
    wake = resolve
  })
  return {
    seen,
    behave: (next) => {
      behaviour = next
    },
    credentialIn: ({ headers }) => /^Bearer (.*)$/.exec(headers.authorization ?? '')?.[1],
    next: (request) => {
      seen.push(request)
      wake()
      return behaviour
    },
    requested: () => first,
    stop: () => {
      stopped = true
    },
    stopped: () => stopped,
  }
}

async function seenOverHttp(request: IncomingMessage): Promise<SeenRequest> {
  const url = request.url ?? ''
  const mark = url.indexOf('?')
  const body = await text(request)
  return {
    method: request.method ?? '',
    path: mark === -1 ? url : url.slice(0, mark),
    query: Object.fromEntries(new URLSearchParams(mark === -1 ? '' : url.slice(mark))),
    headers: request.headers as Record<string, string>,
    body: body === '' ? null : JSON.parse(body),
  }
}

async function seenByFunction(request: IncomingMessage): Promise<SeenRequest> {
  const { rawPath, rawQueryString, requestContext, headers = {}, body } = JSON.parse(await text(request))
  return {
    method: requestContext.http.method,
    path: rawPath,
    query: Object.fromEntries(new URLSearchParams(rawQueryString ?? '')),
    headers,
    body: body === undefined ? null : JSON.parse(body),
  }
}

async function seenInProcess(request: Request): Promise<SeenRequest> {
  const url = new URL(request.url)
  const body = await request.text()
  return {
    method: request.method,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: Object.fromEntries(request.headers),
    body: body === '' ? null : JSON.parse(body),
  }
}

const HALF = '{"content":"half'
const FLOOD = ' '.repeat(65_536)
const DRIP_MS = 5
const LATE_MS = 30

/** What the function answers is in the body of what Lambda answers; how connections fail is the same. */
async function actAsFunction(behaviour: Behaviour, seen: SeenRequest, exchange: HttpExchange): Promise<void> {
  const returned = (statusCode: number, headers: object, body?: string | Uint8Array): Behaviour => {
    const isBase64Encoded = body instanceof Uint8Array
    const text = isBase64Encoded ? Buffer.from(body).toString('base64') : body
    const payload = JSON.stringify({ statusCode, headers, body: text, isBase64Encoded })
    return { kind: 'answer', status: 200, headers: { 'content-type': 'application/json' }, body: payload }
  }
  switch (behaviour.kind) {
    case 'late':
    case 'echo':
      if (behaviour.kind === 'late') await after(LATE_MS)
      return actOverHttp(
        returned(200, { 'content-type': 'application/json' }, JSON.stringify(seen)),
        seen,
        exchange,
      )
    case 'answer':
      return actOverHttp(returned(behaviour.status, behaviour.headers ?? {}, behaviour.body), seen, exchange)
    default:
      return actOverHttp(behaviour, seen, exchange)
  }
}

async function actOverHttp(
  behaviour: Behaviour,
  seen: SeenRequest,
  { request, response, script }: HttpExchange,
): Promise<void> {
  const open = () => !script.stopped() && !response.destroyed
  switch (behaviour.kind) {
    case 'late':
    case 'echo':
      if (behaviour.kind === 'late') await after(LATE_MS)
      response.setHeader('content-type', 'application/json').end(JSON.stringify(seen))
      return
    case 'answer':
      response.writeHead(behaviour.status, behaviour.headers).end(behaviour.body)
      return
    case 'hang':
      return
    case 'stall':
      response.writeHead(200).write(HALF)
      return
    case 'drip':
      response.writeHead(200)
      for (; open(); await after(DRIP_MS)) response.write(' ')
      return
    case 'flood':
      response.writeHead(200)
      while (open()) {
        if (response.write(FLOOD)) await after(0)
        else await drained(response)
      }
      return
    case 'reset':
      request.socket.resetAndDestroy()
      return
    case 'break':
      response.writeHead(200).write(HALF, () => request.socket.destroy())
      return
    default:
      behaviour satisfies never
  }
}

async function actInProcess(behaviour: Behaviour, seen: SeenRequest, script: Script): Promise<Response> {
  switch (behaviour.kind) {
    case 'late':
      await after(LATE_MS)
      return Response.json(seen)
    case 'echo':
      return Response.json(seen)
    case 'answer':
      return new Response(behaviour.body ?? null, {
        status: behaviour.status,
        headers: { ...behaviour.headers },
      })
    case 'hang':
      return new Promise(() => undefined)
    case 'stall':
      return streamed((send) => (send.first ? send.text(HALF) : new Promise(() => undefined)))
    case 'drip':
      return streamed(async (send) => {
        await after(DRIP_MS)
        if (script.stopped()) send.end()
        else send.text(' ')
      })
    case 'flood':
      return streamed(async (send) => {
        await after(0)
        if (script.stopped()) send.end()
        else send.text(FLOOD)
      })
    case 'reset':
      throw new Error('It fell over.')
    case 'break':
      return streamed((send) => (send.first ? send.text(HALF) : send.fail(new Error('It fell over.'))))
    default:
      return behaviour satisfies never
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      response.off('drain', go).off('close', go)
      resolve()
    }
    response.on('drain', go).on('close', go)
  })
}

interface Send {
  readonly first: boolean
  text(part: string): void
  end(): void
  fail(error: Error): void
}

function streamed(pull: (send: Send) => void | Promise<void>): Response {
  let first = true
  return new Response(
    new ReadableStream({
      pull: async (controller) => {
        const send: Send = {
          first,
          text: (part) => controller.enqueue(new TextEncoder().encode(part)),
          end: () => controller.close(),
          fail: (error) => controller.error(error),
        }
        first = false
        await pull(send)
      },
    }),
  )
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
