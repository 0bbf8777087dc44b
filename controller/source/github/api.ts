import { Octokit } from '@octokit/rest'
import { z } from 'zod'
import { SourceError } from '../git-source.ts'
import type { Address } from './address.ts'
import { createAuthorization, type GitHubAuth, type OctokitOptions } from './authorization.ts'
import { GitHubFailure, notUnderstood, refusedBy, stopped } from './errors.ts'
import type { GitHubLimits } from './limits.ts'
import type { Secrets } from './secrets.ts'
import type { Fetch } from './transport.ts'

/** GitHub's REST and GraphQL interface to one repository. Everything throws `SourceError`s and nothing else. */
export interface GitHubApi {
  /** `route` is below the repository, such as `git/blobs/{sha}`. Refusals are `GitHubFailure`s. */
  get<T>(route: string, schema: z.ZodType<T>, options?: GetOptions): Promise<Got<T>>
  /**
   * Asks for `fields` of the repository; an answer that lacks a part is an error. A field that names an object
   * which is not there is `null`.
   */
  query<T>(operation: string, fields: string, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T>
  /** A gzipped tar of the commit's files, which attributes in the repository may have changed. */
  archive(commit: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>
}

export interface GetOptions {
  readonly parameters?: Readonly<Record<string, string>>
  /** Of an earlier answer. */
  readonly etag?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export type Got<T> =
  /** `next` is the address of the next page. */
  | { readonly data: T; readonly etag: string | undefined; readonly next: string | undefined }
  /** What was answered with `etag` is still so; this cost no quota. */
  | 'unchanged'

export interface ApiOptions {
  readonly address: Address
  readonly auth: GitHubAuth
  readonly transport: Fetch
  /** For what no credentials may reach. */
  readonly fetch: Fetch
  readonly now: () => number
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly limits: GitHubLimits
  readonly secrets: Secrets
}

const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

export function createApi(options: ApiOptions): GitHubApi {
  const { address, transport } = options
  const client: OctokitOptions = {
    baseUrl: address.apiUrl,
    userAgent: 'prompt-registry',
    log: SILENT,
    request: { fetch: transport },
  }
  const authorization = createAuthorization(options.auth, address, client, options.now)
  const octokit = new Octokit(client)
  octokit.hook.before('request', async (request) => {
    request.headers['x-github-api-version'] = '2022-11-28'
    request.headers.authorization = await authorization.header()
  })

  /** Octokit's answers, with its errors as ours. A token that died early is made anew, once. */
  const ask = async <T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    if (signal?.aborted) throw stopped(signal.reason)
    try {
      return await abortable(work(), signal).catch((error: unknown) => {
        if (statusOf(error) !== 401 || !authorization.renew()) throw error
        return abortable(work(), signal)
      })
    } catch (error) {
      throw failure(error, options, signal)
    }
  }

  return {
    get: (route, schema, get) => restGet(octokit, ask, address, route, schema, get),
    query: (operation, fields, schema, signal) =>
      graphqlQuery(octokit, ask, options, { operation, fields, signal }, schema),
    archive: (commit, signal) => openArchive(octokit, ask, options, commit, signal),
  }
}

type Ask = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>

async function restGet<T>(
  octokit: Octokit,
  ask: Ask,
  { owner, name }: Address,
  route: string,
  schema: z.ZodType<T>,
  { parameters = {}, etag, signal }: GetOptions = {},
): Promise<Got<T>> {
  const path = /^https?:/.test(route) ? route : `/repos/{owner}/{repo}${route === '' ? '' : `/${route}`}`
  const headers = etag === undefined ? {} : { 'if-none-match': etag }
  const target = path === route ? {} : { owner, repo: name }
  try {
    const answer = await ask(
      () =>
        octokit.request(`GET ${path}`, {
          ...target,
          ...parameters,
          headers,
          request: { ...(signal && { signal }) },
        }),
      signal,
    )
    const next = /<([^>]+)>;\s*rel="next"/.exec(answer.headers.link ?? '')?.[1]
    return { data: parse(schema, answer.data), etag: answer.headers.etag, next }
  } catch (error) {
    if (error instanceof GitHubFailure && error.status === 304) return 'unchanged'
    throw error
  }
}

const graphqlAnswer = z.object({
  repository: z.unknown(),
})

interface Question {
  readonly operation: string
  readonly fields: string
  readonly signal?: AbortSignal | undefined
}

async function graphqlQuery<T>(
  octokit: Octokit,
  ask: Ask,
  { address, limits, pause, secrets }: ApiOptions,
  { operation, fields, signal }: Question,
  schema: z.ZodType<T>,
): Promise<T> {
  const { owner, name } = address
  const query = `query ${operation}($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { ${fields} } }`
  for (let attempt = 0; ; attempt++) {
    const answer = await ask(
      () =>
        octokit
          .graphql(query, { operationName: operation, owner, name, request: { ...(signal && { signal }) } })
          .then((data) => ({ data, errors: [] }), partialAnswer),
      signal,
    )
    const [first] = answer.errors
    if (first === undefined) return parse(schema, parse(graphqlAnswer, answer.data).repository)
    const words = secrets.scrub(answer.errors.map(({ message }) => message).join('; '))
    if (first.type === 'NOT_FOUND' && first.path?.join() === 'repository')
      throw refusedBy(404, `${owner}/${name}`, words)
    if (first.type === 'FORBIDDEN') throw refusedBy(403, `${owner}/${name}`, words)
    // Such as a query that took too long, or (RATE_LIMITED) one for which the transport waits now.
    if (attempt >= limits.retries) throw notUnderstood(words)
    await pause(limits.retryMs * 2 ** attempt, signal).catch(() => undefined)
  }
}

const graphqlErrors = z.array(
  z.object({
    message: z.string(),
    type: z.string().optional(),
    path: z.array(z.union([z.string(), z.number()])).optional(),
  }),
)

/** GraphQL tells of errors in an answer with status 200, beside whatever it did find. */
function partialAnswer(error: unknown): { data: unknown; errors: z.infer<typeof graphqlErrors> } {
  if (!(error instanceof Error && error.name === 'GraphqlResponseError' && 'errors' in error)) throw error
  const errors = graphqlErrors.safeParse(error.errors)
  return { data: undefined, errors: errors.success ? errors.data : [{ message: 'an unreadable error' }] }
}

async function openArchive(
  octokit: Octokit,
  ask: Ask,
  { address, fetch, secrets }: ApiOptions,
  commit: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const { owner, name } = address
  const { headers } = await ask(
    () =>
      octokit.request('GET /repos/{owner}/{repo}/tarball/{ref}', {
        ...{ owner, repo: name, ref: commit },
        request: { signal, redirect: 'manual' },
      }),
    signal,
  )
  const location = URL.parse(headers.location ?? '', address.apiUrl)
  const encrypted = location?.protocol === 'https:' || location?.protocol === new URL(address.apiUrl).protocol
  if (location === null || !encrypted) throw notUnderstood('no address of the archive')
  // The archive is on another host, and its address is all the permission needed: a secret of a few minutes.
  for (const value of location.searchParams.values()) secrets.add(value)
  const response = await ask(() => fetch(location.href, { signal, redirect: 'follow' }), signal)
  if (!response.ok || response.body === null) {
    await response.body?.cancel()
    throw refusedBy(response.status, `${owner}/${name}`, 'the archive was refused')
  }
  return response.body
}

function failure(error: unknown, { address, secrets }: ApiOptions, signal?: AbortSignal): SourceError {
  if (error instanceof SourceError) return error
  if (error instanceof Error && error.cause instanceof SourceError) return error.cause
  if (signal?.aborted) return stopped(signal.reason)
  const words = secrets.scrub(error instanceof Error ? error.message : String(error))
  const status = statusOf(error)
  if (status !== undefined && 'response' in (error as object))
    return refusedBy(status, `${address.owner}/${address.name}`, words)
  const sentence = 'GitHub could not be asked: see the cause, and check the credentials of this source.'
  return new SourceError('unreachable', sentence, { cause: new Error(words) })
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'status' in error && typeof error.status === 'number'
    ? error.status
    : undefined
}

function parse<T>(schema: z.ZodType<T>, data: unknown): T {
  const parsed = schema.safeParse(data)
  if (parsed.success) return parsed.data
  throw notUnderstood(z.prettifyError(parsed.error).slice(0, 1000))
}

/** A token that is being made knows nothing of this caller's signal. */
async function abortable<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return work
  let listener: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    listener = () => reject(stopped(signal.reason))
    signal.addEventListener('abort', listener)
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    if (listener) signal.removeEventListener('abort', listener)
  }
}
