import { createHash } from 'node:crypto'
import type { Fetch } from '../../client/transport/http-sender.ts'

/** What the registry does with a request instead of answering it. */
export type Fault =
  | 'none'
  | 'refused'
  | 'hangs'
  | 'hangs_in_body'
  | 'html'
  | 'truncated'
  | 'wrong_prompt'
  | 'wrong_hash'
  | 401
  | 403
  | 429
  | 500
  | 502
  | 503
  | 504

export interface FakePrompt {
  content: string
  version?: string
  /** Instead of the content: a code such as `revoked`. */
  refused?: string
  details?: object
  immutable?: boolean
  archived?: boolean
}

export interface FakeRegistry {
  readonly url: string
  readonly fetch: Fetch
  fault: Fault
  /** Seconds, with the next faults that have a status. */
  retryAfter: number | undefined
  readonly prompts: Map<string, FakePrompt>
  /** Method and path of each request. Of `POST /resolve`, the references too. */
  readonly requests: string[]
  /** Bodies of answers that were sent in full, for which no `304` or `unchanged` was enough. */
  readonly sent: string[]
}

/** A registry of our protocol behind the `fetch` option, with entity tags, batches and every fault. */
export function fakeRegistry(prompts: Readonly<Record<string, FakePrompt | string>> = {}): FakeRegistry {
  const registry: FakeRegistry = {
    url: 'http://registry.test',
    fault: 'none',
    retryAfter: undefined,
    prompts: new Map(
      Object.entries(prompts).map(([id, one]) => [id, typeof one === 'string' ? { content: one } : one]),
    ),
    requests: [],
    sent: [],
    fetch: async (url, init) => {
      const { pathname, search } = new URL(url)
      const path = decodeURIComponent(pathname) + search
      const body = typeof init.body === 'string' ? JSON.parse(init.body) : undefined
      const what = body === undefined ? '' : ` ${body.references.join(' ')}`
      registry.requests.push(`${init.method} ${path}${what}`)
      const fault = faultOf(registry, init.signal)
      if (fault !== undefined) return await fault
      if (body !== undefined) return Response.json({ results: results(registry, body) })
      const headers = new Headers(init.headers)
      return one(registry, path.slice('/prompts/'.length).replace(/\?.*/, ''), headers.get('if-none-match'))
    },
  }
  return registry
}

function faultOf(
  { fault, retryAfter }: FakeRegistry,
  signal: AbortSignal | null | undefined,
): Promise<Response> | undefined {
  const never = () =>
    new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  switch (fault) {
    case 'refused':
      return Promise.reject(
        new TypeError('fetch failed', {
          cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
        }),
      )
    case 'hangs':
      return never()
    case 'hangs_in_body':
      return Promise.resolve(
        new Response(
          new ReadableStream(
            { pull: (at) => at.enqueue(new Uint8Array([123])), cancel() {} },
            { highWaterMark: 1 },
          ).pipeThrough(new TransformStream({ transform: never })),
        ),
      )
    case 'html':
      return Promise.resolve(new Response('<h1>Please log in</h1>'))
    case 'truncated':
      return Promise.resolve(new Response('{"prompt_id": "a", "conte'))
  }
  if (typeof fault !== 'number') return undefined
  const headers = retryAfter === undefined ? undefined : { 'retry-after': String(retryAfter) }
  return Promise.resolve(new Response(null, { status: fault, ...(headers && { headers }) }))
}

interface ResolveBody {
  readonly references: readonly string[]
  readonly known?: Readonly<Record<string, string>>
}

function results(registry: FakeRegistry, { references, known = {} }: ResolveBody): unknown[] {
  return references.map((reference) => {
    const { status, document, etag } = answerTo(registry, reference)
    if (status !== 200) return { reference, ...document }
    if (known[reference] === etag) return { reference, etag, unchanged: true }
    registry.sent.push(reference)
    return { reference, etag, prompt: document }
  })
}

function one(registry: FakeRegistry, reference: string, ifNoneMatch: string | null): Response {
  const { status, document, etag } = answerTo(registry, reference)
  if (status === 200 && ifNoneMatch === etag) return new Response(null, { status: 304, headers: { etag } })
  if (status === 200) registry.sent.push(reference)
  return Response.json(document, { status, headers: { etag } })
}

function answerTo({ prompts, fault }: FakeRegistry, reference: string) {
  const id = reference.replace(/@.*$/, '')
  const prompt = prompts.get(reference) ?? prompts.get(id)
  if (prompt === undefined) return refusalOf('not_found', undefined)
  if (prompt.refused !== undefined) return refusalOf(prompt.refused, prompt.details)
  const { content, version = 'v1', immutable = false, archived = false } = prompt
  const document = {
    prompt_id: fault === 'wrong_prompt' ? 'another' : id,
    version,
    status: 'stable',
    content: fault === 'wrong_hash' ? `${content}!` : content,
    content_sha256: createHash('sha256').update(content).digest('hex'),
    immutable,
    archived,
  }
  return {
    status: 200,
    document,
    etag: `"${createHash('sha256').update(JSON.stringify(document)).digest('hex')}"`,
  }
}

function refusalOf(code: string, details: object | undefined) {
  const status = code === 'gone' ? 410 : code === 'mode_not_allowed' ? 403 : 404
  return { status, document: { error: `Because of ${code}.`, code, details }, etag: '' }
}
