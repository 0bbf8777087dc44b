import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { json } from 'node:stream/consumers'
import type { ScriptedPrompt, ScriptedSet } from './case.ts'

export interface ScriptedServer {
  readonly url: string
  prompts: Readonly<Record<string, ScriptedPrompt>>
  /** Moves pointers. Older sets are kept. */
  move(sets: Readonly<Record<string, ScriptedSet>>): void
  readonly requests: string[]
  readonly rawRequests: string[]
  readonly applications: string[]
  /** Requests that got no answer and never will. */
  readonly hanging: number
  setFault(fault: string | number, retryAfter?: number): Promise<void>
  /** Forgets the requests that it got. */
  forget(): void
  reset(): Promise<void>
  close(): Promise<void>
}

interface Body {
  readonly references: readonly string[]
  readonly known?: Readonly<Record<string, string>>
  readonly set?: string
  readonly sets?: boolean
}

const NO_SET: ScriptedSet = { digest: '', sequence: 0, release: null, members: {} }

/** A registry over a real socket that does what the script says. */
export async function startScriptedServer(): Promise<ScriptedServer> {
  const sockets = new Set<Socket>()
  const listener = createServer((request, response) => void answer(request, response))
  listener.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  let fault: string | number = 'none'
  let retryAfter: number | undefined
  let hanging = 0
  const pointers = new Map<string, ScriptedSet>()
  const sets = new Map<string, ScriptedSet>()
  const listen = async (port: number) => {
    listener.listen(port, '127.0.0.1')
    await once(listener, 'listening')
  }
  const stop = async () => {
    if (!listener.listening) return
    const closed = once(listener, 'close')
    listener.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  await listen(0)
  const { port } = listener.address() as AddressInfo

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = request.method === 'POST' ? ((await json(request)) as Body) : undefined
    note(request, body)
    if (fail(response, body)) return
    if (body !== undefined) return sendResults(response, body)
    const [path = ''] = (request.url ?? '').split('?')
    if (path.startsWith('/sources/')) return sendPointer(request, response)
    const reference = referenceOf(request)
    const { status, document, etag } = answerTo(reference)
    const known = request.headers['if-none-match'] === etag && status === 200
    if (known) return void response.writeHead(304, { etag }).end()
    send(response, status, document, status === 200 ? { etag } : {})
  }
  function sendPointer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    const source = pathname.split('/')[2] ?? ''
    const pointer = pointers.get(source)
    const { digest, sequence, release, drafts, revocations = [] } = pointer ?? NO_SET
    const since = Number(searchParams.get('revoked_since') ?? Number.POSITIVE_INFINITY)
    const revoked = revocations.filter((one) => one > since).map(String)
    const document = { source, set: digest, sequence, release, revoked, ...(drafts && { drafts }) }
    const etag = `"${sha256(JSON.stringify(document))}"`
    if (fault === 'no_pointers') send(response, 403, { error: 'Not for you.', code: 'forbidden' })
    else if (fault === 'no_sets') send(response, 404, { error: 'No such route.', code: 'route_not_found' })
    else if (pointer === undefined) send(response, 404, { error: 'There is none.', code: 'no_set' })
    else if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end()
    else send(response, 200, document, { etag })
  }
  function sendResults(response: ServerResponse, body: Body): void {
    const { set, sets: asksForSets } = body
    if (fault === 'no_sets' && (set !== undefined || asksForSets !== undefined))
      send(response, 400, { error: 'The field "sets" is unknown.', code: 'invalid_request' })
    else if (set !== undefined && !sets.has(set))
      send(response, 404, { error: 'There is no such set.', code: 'no_set' })
    else send(response, 200, { results: results(body) })
  }
  function note(request: IncomingMessage, body: Body | undefined): void {
    server.rawRequests.push(`${request.method} ${request.url}`)
    server.applications.push(String(request.headers['x-prompt-registry-application'] ?? ''))
    const [path] = (request.url ?? '').split('?')
    const query = (request.url ?? '').slice(path?.length ?? 0)
    const known = body === undefined ? '' : Object.keys(body.known ?? {}).join(' ')
    server.requests.push(
      body === undefined
        ? `GET ${decodeURIComponent(path ?? '')}${query}${request.headers['if-none-match'] === undefined ? '' : ' known'}`
        : `POST /resolve${body.set === undefined ? '' : ` ${body.set}:`} ${body.references.join(' ')}${known === '' ? '' : ` known ${known}`}`,
    )
  }
  function fail(response: ServerResponse, body: Body | undefined): boolean {
    const html = { 'content-type': 'text/html' }
    if (fault === 'hangs' || fault === 'hangs_in_body') {
      hanging++
      if (fault === 'hangs_in_body') response.writeHead(200).write('{"prompt_id": ')
    } else if (fault === 'html') response.writeHead(200, html).end('<h1>Please log in</h1>')
    else if (fault === 'truncated') response.writeHead(200).end('{"prompt_id": "a", "conte')
    else if (fault === 'redirect') response.writeHead(302, { location: '/elsewhere' }).end()
    else if (fault === 'text_missing')
      send(response, 502, { error: 'The text is missing.', code: 'text_missing' })
    else if (fault === 'mode_not_allowed')
      send(response, 403, { error: 'Not in this mode.', code: 'mode_not_allowed' })
    else if (fault === 'no_batch' && body !== undefined)
      send(response, 404, { error: 'No such route.', code: 'route_not_found' })
    else if (typeof fault === 'number')
      response.writeHead(fault, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }).end()
    else return false
    return true
  }
  function results({ references, known = {}, set }: Body): unknown[] {
    return references.map((reference) => {
      const { status, document, etag } = answerTo(reference, set)
      if (status !== 200) return { reference, ...(document as object) }
      return known[reference] === etag
        ? { reference, etag, unchanged: true }
        : { reference, etag, prompt: document }
    })
  }
  function answerTo(reference: string, set?: string): { status: number; document: unknown; etag: string } {
    const id = reference.replace(/@.*$/, '').replace(/_v[\d.]+$/, '')
    const members = sets.get(set ?? '')?.members
    const prompt =
      members === undefined
        ? (server.prompts[reference] ?? server.prompts[id] ?? { refused: 'not_found' })
        : { immutable: true, ...(server.prompts[`${set}:${id}`] ?? members[id] ?? { refused: 'not_in_set' }) }
    const { refused: code, details, content = '', raw, ...fields } = prompt
    if (code !== undefined)
      return { status: 404, document: { error: `It is so: ${code}.`, code, details }, etag: '' }
    const wrongHash = fault === 'wrong_hash' || (fault === 'wrong_hash_of_b' && id === 'b')
    const document =
      'raw' in prompt
        ? raw
        : {
            prompt_id: fault === 'wrong_prompt' ? 'another' : id,
            status: 'stable',
            content,
            content_sha256: sha256(wrongHash ? `${content}!` : content),
            ...fields,
          }
    return { status: 200, document, etag: `"${sha256(JSON.stringify(document))}"` }
  }

  const server: ScriptedServer = {
    url: `http://127.0.0.1:${port}`,
    prompts: {},
    move(moved) {
      for (const [source, pointer] of Object.entries(moved)) {
        pointers.set(source, pointer)
        if (pointer.lost !== true) sets.set(pointer.digest, pointer)
      }
    },
    requests: [],
    rawRequests: [],
    applications: [],
    get hanging() {
      return hanging
    },
    async setFault(next, seconds) {
      fault = next
      retryAfter = seconds
      if (fault === 'refused') await stop()
      else if (!listener.listening) await listen(port)
    },
    forget() {
      hanging = 0
      server.requests.length = 0
      server.rawRequests.length = 0
      server.applications.length = 0
    },
    async reset() {
      for (const socket of sockets) socket.destroy()
      server.forget()
      pointers.clear()
      sets.clear()
      await server.setFault('none')
    },
    close: stop,
  }
  return server
}

function referenceOf(request: IncomingMessage): string {
  const [path = ''] = (request.url ?? '').split('?')
  return decodeURIComponent(path.replace('/prompts/', ''))
}

function send(
  response: ServerResponse,
  status: number,
  document: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(document))
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
