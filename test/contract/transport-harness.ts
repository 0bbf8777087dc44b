import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Handler } from '../../client/transport/in-process.ts'
import type { Transport } from '../../client/transport/transport.ts'
import type { Behaviour, HarnessOptions, OpenHarness, SeenRequest } from './transport.contract.ts'

/** A harness around a real HTTP server. */
export function httpHarness(make: (url: string, options: HarnessOptions) => Transport): OpenHarness {
  return async (options) => {
    const script = createScript()
    const server = createServer((request, response) => {
      // A client that went away is what some cases are about.
      response.on('error', () => undefined)
      void seenOverHttp(request).then(
        (seen) => actOverHttp(script.next(seen), seen, request, response, script),
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

interface Script {
  readonly seen: SeenRequest[]
  behave(behaviour: Behaviour): void
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

async function actOverHttp(
  behaviour: Behaviour,
  seen: SeenRequest,
  request: IncomingMessage,
  response: ServerResponse,
  script: Script,
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
