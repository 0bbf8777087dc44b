import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import type { Certificate } from './certificates.ts'
import { isolatedGitEnvironment } from './git-repository.ts'

export interface GitHttpServerOptions {
  /** Every repository below it is served. A working tree is at `/<name>/.git`. */
  readonly root: string
  /** Basic authentication. Default: none. */
  readonly login?: { readonly username: string; readonly password: string }
  /** Drops the header that requests protocol version 2 of git, as some proxies do. */
  readonly oldProtocol?: boolean
  /** Serve HTTPS. */
  readonly certificate?: Certificate
}

export interface Cut {
  readonly bytes: number
  readonly politely: boolean
  /** Called once this many bytes were sent. */
  readonly after?: () => void
}

export interface Pace {
  readonly bytes: number
  readonly pauseMs: number
}

export interface GitHttpServer {
  readonly url: string
  /** Method, path and query of every accepted request, oldest first. */
  readonly requests: string[]
  /** Handles a request instead of git if it returns true; git waits for it. Set it to inject faults. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>
  /**
   * Cuts each response after this many bytes of its body: `politely` as if it were complete, else by dropping the
   * connection.
   */
  cut: Cut | undefined
  /** Sends each response in pieces of this many bytes, with this pause before each. */
  pace: Pace | undefined
  close(): Promise<void>
}

/** Why real HTTP is not available here; `undefined` if it is. */
export function gitHttpMissing(): string | undefined {
  return existsSync(backend()) ? undefined : 'git-http-backend is not installed'
}

/** Git's own smart HTTP server (`git http-backend`) behind a small CGI host, on a free loopback port. */
export async function startGitHttpServer(options: GitHttpServerOptions): Promise<GitHttpServer> {
  const { login } = options
  const program = backend()
  const expected = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`

  const onRequest = async (request: IncomingMessage, response: ServerResponse) => {
    if (expected && request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
      return
    }
    handle.requests.push(`${request.method} ${request.url}`)
    if (!(await handle.intercept(request, response))) runBackend(handle, program, options, request, response)
  }
  const { certificate } = options
  const server = certificate ? createTlsServer(certificate, onRequest) : createServer(onRequest)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const handle: GitHttpServer = {
    url: `${certificate ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    intercept: () => false,
    cut: undefined,
    pace: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return handle
}

function backend(): string {
  const folder = execFileSync('git', ['--exec-path'], { env: isolatedGitEnvironment(), encoding: 'utf8' })
  return join(folder.trim(), 'git-http-backend')
}

function runBackend(
  handle: GitHttpServer,
  program: string,
  { root, oldProtocol = false }: GitHttpServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const { headers } = request
  const child = spawn(program, {
    env: {
      ...isolatedGitEnvironment(),
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REMOTE_ADDR: '127.0.0.1',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: headers['content-type'] ?? '',
      ...(headers['content-length'] && { CONTENT_LENGTH: headers['content-length'] }),
      ...(headers['content-encoding'] && { HTTP_CONTENT_ENCODING: headers['content-encoding'] }),
      ...(!oldProtocol && { GIT_PROTOCOL: String(headers['git-protocol'] ?? '') }),
    },
  })
  child.stdin.on('error', () => {})
  request.pipe(child.stdin)
  response.on('close', () => child.kill('SIGKILL'))
  const { cut, pace } = handle
  const whole = cut ? child.stdout.pipe(scissors(cut, response)) : child.stdout
  answer(pace ? whole.pipe(slowly(pace)) : whole, response)
}

/** Passes the headers of a CGI response, and this many bytes of its body. */
function scissors(cut: Cut, response: ServerResponse): Transform {
  let text = Buffer.alloc(0)
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      text = Buffer.concat([text, chunk])
      done()
    },
    flush(done) {
      const end = text.indexOf('\r\n\r\n') + 4 + cut.bytes
      this.push(text.subarray(0, end))
      if (cut.politely || end >= text.length) return done()
      setImmediate(() => {
        cut.after?.()
        response.destroy()
      })
    },
  })
}

/** Sends the headers at once, and the body piece by piece. */
function slowly({ bytes, pauseMs }: Pace): Transform {
  let inBody = false
  return new Transform({
    async transform(chunk: Buffer, _encoding, done) {
      const end = inBody ? 0 : chunk.indexOf('\r\n\r\n') + 4
      inBody = true
      this.push(chunk.subarray(0, end))
      for (let at = end; at < chunk.length; at += bytes) {
        await setTimeout(pauseMs)
        this.push(chunk.subarray(at, at + bytes))
      }
      done()
    },
  })
}

/** A CGI response: headers, an empty line, the body. */
function answer(output: NodeJS.ReadableStream, response: ServerResponse): void {
  let head = Buffer.alloc(0)
  const onData = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    output.off('data', onData)
    let status = 200
    for (const line of head.toString('latin1', 0, end).split('\r\n')) {
      const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? []
      if (name === 'Status') status = Number.parseInt(value, 10)
      else if (name !== '') response.setHeader(name, value)
    }
    response.writeHead(status)
    response.write(head.subarray(end + 4))
    output.pipe(response)
  }
  output.on('data', onData)
  output.on('end', () => response.end())
}
