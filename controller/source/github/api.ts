import { Octokit } from '@octokit/rest'
import type { z } from 'zod'
import type { Address } from './address.ts'
import { abortable, failure, parse, statusOf } from './answers.ts'
import { createAuthorization, type GitHubAuth, type OctokitOptions } from './authorization.ts'
import { GitHubFailure, stopped } from './errors.ts'
import { graphqlQuery } from './graphql.ts'
import type { GitHubLimits } from './limits.ts'
import { openArchive } from './open-archive.ts'
import type { Secrets } from './secrets.ts'
import type { Fetch } from './transport.ts'

/** GitHub's REST and GraphQL interface to one repository. Everything throws `SourceError`s and nothing else. */
export interface GitHubApi {
  /** `route` is below the repository, such as `git/blobs/{sha}`. Refusals are `GitHubFailure`s. */
  get<T>(route: string, schema: z.ZodType<T>, options?: GetOptions): Promise<Got<T>>
  /** Writes, and is sent once: who does not hear the answer does not know. `route` and refusals as in `get`. */
  send<T>(method: 'POST' | 'PATCH', route: string, schema: z.ZodType<T>, options: SendOptions): Promise<T>
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

export interface SendOptions {
  /** Of the route. */
  readonly parameters: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, string>>
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
    async send(method, route, schema, { parameters, body, signal }) {
      const target = { owner: address.owner, repo: address.name, ...parameters }
      const path = `/repos/{owner}/{repo}/${route}`
      const request = { ...(signal && { signal }) }
      const answer = await ask(
        () => octokit.request(`${method} ${path}`, { ...target, ...body, request }),
        signal,
      )
      return parse(schema, answer.data)
    },
    query: (operation, fields, schema, signal) =>
      graphqlQuery(octokit, ask, options, { operation, fields, signal }, schema),
    archive: (commit, signal) => openArchive(octokit, ask, options, commit, signal),
  }
}

/** Runs octokit, with its errors as ours. */
export type Ask = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>

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
