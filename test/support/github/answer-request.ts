import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerGraphql, type GraphqlRequest } from './graphql/answer.ts'
import { jsonBody, send } from './http.ts'
import { type Buckets, quotaHeaders } from './quota.ts'
import { isAppToken } from './rest/app.ts'
import { endpoints } from './rest/index.ts'
import { route } from './route.ts'
import { finder, type State, viewerOf, violated } from './state.ts'
import { type Answer, type HostedRepository, notFound } from './types.ts'

export async function answerRequest(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  // An Enterprise server serves REST at /api/v3, and GraphQL next to it.
  const path = url.pathname.replace(/^\/api(\/v3|(?=\/graphql$))/, '')
  const method = request.method ?? 'GET'
  const body = await jsonBody(request)
  const routed = route(endpoints, method, path)
  const graphql = method === 'POST' && path === '/graphql'
  const operation = graphql
    ? `query ${(body as GraphqlRequest).operationName}`
    : (routed?.endpoint.operation ?? `${method} ${path}`)
  const resource = graphql ? 'graphql' : 'core'

  const trouble = state.intercept(operation, url.pathname, request.headers.authorization ?? '')
  const work = async () => {
    const refusal = refusalOf(state, request, operation, resource)
    if (refusal) return refusal
    if (graphql) return await answerGraphql(body as GraphqlRequest, finder(state), state.limits)
    if (!routed) return violated(state, `${operation} is not an endpoint of the stand-in`)
    return await answerRest(state, routed, { query: url.searchParams, path, body, request })
  }
  const right = trouble ?? state.alter(operation, await work().catch(broken))
  if (!trouble && routed) judge(state, operation, right)
  const sent = trouble ?? conditional(request, right)
  count(state, resource, sent)
  const { authorization } = request.headers
  state.requests.push({ method, path, operation, status: sent.status, authorization })
  send(response, sent, quotaHeaders(resource, state.quota[resource]), trouble?.cutAfter)
}

async function answerRest(
  state: State,
  { endpoint, parameters }: NonNullable<ReturnType<typeof route>>,
  {
    query,
    path,
    body,
    request,
  }: { query: URLSearchParams; path: string; body: unknown; request: IncomingMessage },
): Promise<Answer> {
  const { headers } = request
  const problems = state.conformance.request(endpoint.operation, { parameters, query, body, headers })
  for (const problem of problems) violated(state, `${endpoint.operation}: ${problem}`)
  const repository = finder(state)(parameters.owner, parameters.repo)
  if ('repo' in parameters && !repository) return notFound
  // Endpoints of the App have no repository, and must not look for one.
  return endpoint.answer({
    ...{ parameters, query, path, body, github: state.world },
    viewer: viewerOf(state, tokenOf(request)),
    repository: repository as HostedRepository,
  })
}

/** Validates the sent form, in which `undefined` values are omitted. */
function judge(state: State, operation: string, { status, body: given }: Answer): void {
  const body = given === undefined ? undefined : JSON.parse(JSON.stringify(given))
  for (const problem of state.conformance.response(operation, status, body))
    violated(state, `${operation} answered ${status}: ${problem}`)
}

function broken(error: unknown): Answer {
  return { status: 500, body: { message: String(error) } }
}

/** Refuses missing credentials and exceeded quotas. */
function refusalOf(
  { options, tokens, quota, world }: State,
  request: IncomingMessage,
  operation: string,
  resource: keyof Buckets,
): Answer | undefined {
  const token = tokenOf(request)
  const asApp = /\/installation$|\/app\//.test(operation)
  const admitted = asApp
    ? // GitHub's library signs with the machine's clock, regardless of the clock of a test.
      options.app !== undefined && token !== '' && isAppToken(token, options.app, Date.now())
    : token === options.token || (tokens.get(token) ?? 0) > world.now()
  if (!admitted || token === '') return { status: 401, body: { message: 'Bad credentials', status: '401' } }
  const { remaining, reset } = quota[resource]
  if (asApp || remaining > 0 || reset * 1000 <= world.now()) return undefined
  return { status: 403, body: { message: 'API rate limit exceeded for installation.', status: '403' } }
}

function tokenOf({ headers }: IncomingMessage): string {
  return /^(?:bearer|token) (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? ''
}

/** Unchanged content (304) is free. Everything else costs one request of the quota, which is refilled hourly. */
function count({ quota, world }: State, resource: keyof Buckets, { status }: Answer): void {
  const bucket = quota[resource]
  if (bucket.reset * 1000 <= world.now()) {
    bucket.remaining = bucket.limit
    bucket.reset = Math.floor(world.now() / 1000) + 3600
  }
  if (status !== 304 && bucket.remaining > 0) bucket.remaining--
}

function conditional(request: IncomingMessage, answer: Answer): Answer {
  if (request.method !== 'GET' || answer.status !== 200) return answer
  const etag = `W/"${createHash('sha256').update(JSON.stringify(answer.body)).digest('hex')}"`
  const headers = { ...answer.headers, etag }
  return request.headers['if-none-match'] === etag
    ? { status: 304, headers: { etag } }
    : { ...answer, headers }
}
