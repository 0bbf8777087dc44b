import { Octokit } from '@octokit/rest'
import type { z } from 'zod'
import { abortable, failure, parse, statusOf } from './answers.ts'
import { createAuthorization, type OctokitOptions } from './authorization.ts'
import { GitHubFailure, stopped } from './errors.ts'
import { graphqlQuery } from './graphql.ts'
import { openArchive } from './open-archive.ts'
import { type ApiOptions, type Ask, type QueryOptions, requestOptions } from './request-options.ts'

/** GitHub's REST and GraphQL API for one repository. Every method throws only `SourceError`s. */
export interface GitHubApi {
  /**
   * `route` is relative to the repository, such as `git/blobs/{sha}`. Throws `GitHubFailure` if GitHub refuses.
   */
  get<T>(route: string, schema: z.ZodType<T>, options?: GetOptions): Promise<Got<T>>
  /** Sends a write once: after a lost response, its outcome is unknown. `route` and errors as in `get`. */
  send<T>(method: 'POST' | 'PATCH', route: string, schema: z.ZodType<T>, options: RequestOptions): Promise<T>
  /**
   * Queries `fields` of the repository. A partial response is an error. A field of a missing object is `null`.
   */
  query<T>(operation: string, fields: string, schema: z.ZodType<T>, options?: QueryOptions): Promise<T>
  /** A gzipped tar of the commit's files. The repository's attributes may have changed their content. */
  archive(commit: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>
}

export interface GetOptions extends QueryOptions {
  readonly parameters?: Readonly<Record<string, string>>
  /** The ETag of an earlier response. */
  readonly etag?: string | undefined
}

export interface RequestOptions {
  /** The parameters of the route. */
  readonly parameters: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

export type Got<T> =
  /** `next` is the address of the next page. */
  | { readonly data: T; readonly etag: string | undefined; readonly next: string | undefined }
  /** The response with this `etag` is current. This costs no quota. */
  | 'unchanged'

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

  /** Runs Octokit and converts its errors. Renews an invalid token once. */
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
    get: (route, schema, get) => restGet(octokit, ask, options, route, schema, get),
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
    query: (operation, fields, schema, query) =>
      graphqlQuery(octokit, ask, options, { operation, fields, ...query }, schema),
    archive: (commit, signal) => openArchive(octokit, ask, options, commit, signal),
  }
}

async function restGet<T>(
  octokit: Octokit,
  ask: Ask,
  { address: { owner, name }, transport }: ApiOptions,
  route: string,
  schema: z.ZodType<T>,
  { parameters = {}, etag, signal, mostBytes }: GetOptions = {},
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
          request: requestOptions(transport, { signal, mostBytes }),
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
