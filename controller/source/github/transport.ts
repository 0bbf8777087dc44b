import { backoffMs } from '../../../api/contract/retry.ts'
import { oneLine, SourceError, sourceError } from '../source-error.ts'
import { notTheInterface, RateLimited, stopped } from './errors.ts'
import type { GitHubLimits } from './limits.ts'
import { networkFailure } from './network.ts'
import type { Gate } from './rate-limit.ts'
import type { KnownSecrets } from './secrets.ts'

export type HttpFetch = (url: string, init?: RequestInit) => Promise<Response>

/** A fetch with a limit for the response, in bytes. */
export type LimitedFetch = (url: string, init?: RequestInit, mostBytes?: number) => Promise<Response>

export interface TransportOptions {
  readonly fetch: HttpFetch
  readonly random: () => number
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly limits: GitHubLimits
  readonly gate: Gate
  readonly secrets: KnownSecrets
  /** The only origin that receives credentials. */
  readonly origin: string
}

/**
 * A `fetch` for Octokit that respects the host's rate limits, retries network and server errors, reads responses
 * completely, and follows redirects only on the same host. Rejects with a `SourceError`.
 */
export function createTransport(options: TransportOptions): LimitedFetch {
  const { gate, limits, random, pause, secrets } = options
  return async (url, init = {}, mostBytes = limits.answerBytes) => {
    const signal = init.signal ?? undefined
    const { origin, host, pathname } = new URL(url)
    // The host controls some addresses, such as that of the next page.
    if (origin !== options.origin) throw movedAway(url, secrets)
    const resource = pathname.endsWith('/graphql') ? 'graphql' : 'core'
    // All GraphQL requests here are queries.
    const repeatable = (init.method ?? 'GET') === 'GET' || resource === 'graphql'
    const authorization = new Headers(init.headers).get('authorization')
    if (authorization !== null) secrets.add(authorization.replace(/^\S+\s+/, ''))
    let patience = limits.waitMs

    for (let failures = 0; ; ) {
      if (signal?.aborted) throw stopped(signal.reason)
      patience -= await gate.pass(resource, patience, signal).catch((error) => {
        throw signal?.aborted ? stopped(signal.reason) : error
      })
      const last = !repeatable || failures >= limits.retries
      const answer = await exchange(options, url, init, mostBytes).catch((error: unknown) => {
        if (signal?.aborted) throw stopped(signal.reason)
        if (error instanceof SourceError) throw error
        if (last) throw error instanceof RateLimited ? error : networkFailure(error, host, secrets)
        return undefined
      })
      // The App's requests have another quota than those of its installation.
      if (answer && !/\/app\/|\/installation$/.test(pathname)) gate.update(answer.response.headers)
      if (answer && gate.refused(resource, answer.response, answer.words)) continue
      if (answer && (answer.response.status < 500 || last)) return answer.response
      failures++
      await pause(backoffMs(failures, limits.backoff, random()), signal).catch(() => undefined)
      if (signal?.aborted) throw stopped(signal.reason)
    }
  }
}

interface Answer {
  readonly response: Response
  /** The body of an error response. */
  readonly words: string
}

const REDIRECTS = [301, 302, 307, 308]

async function exchange(
  options: TransportOptions,
  first: string,
  init: RequestInit,
  mostBytes: number,
): Promise<Answer> {
  const send: RequestInit = { ...init, redirect: 'manual' }
  let url = first
  for (let hops = 0; ; hops++) {
    const response = await options.fetch(url, send)
    const followed = REDIRECTS.includes(response.status) && init.redirect !== 'manual'
    if (!followed) return await readToEnd(response, url, mostBytes)
    await response.body?.cancel()
    const target = URL.parse(response.headers.get('location') ?? '', url)
    const keepsMethod = response.status > 302 || (init.method ?? 'GET') === 'GET'
    if (target?.origin !== options.origin || !keepsMethod || hops === 3)
      throw movedAway(target?.href ?? '', options.secrets)
    url = target.href
  }
}

const BODILESS = [204, 205, 304]

/** Reads the response completely, so that a truncated response can be retried. */
async function readToEnd(response: Response, url: string, most: number): Promise<Answer> {
  const { status, headers, ok } = response
  const type = (headers.get('content-type') ?? '').replace(/;.*/s, '').toLowerCase()
  const isJson = /\bjson\b/.test(type)
  if (ok && !isJson && !BODILESS.includes(status)) {
    await response.body?.cancel()
    throw notTheInterface(new URL(url).host, type)
  }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > most)
      throw sourceError('too_large', `GitHub's response has more than ${most.toLocaleString('en')} bytes.`)
    chunks.push(chunk)
  }
  const bytes = Buffer.concat(chunks)
  if (isJson && ok) JSON.parse(bytes.toString())
  return {
    response: new Response(BODILESS.includes(status) ? null : bytes, { status, headers }),
    words: ok ? '' : bytes.toString(),
  }
}

function movedAway(to: string, secrets: KnownSecrets): SourceError {
  const url = URL.parse(to)
  // The query may hold secrets of the host.
  const place = url === null || url.host === '' ? 'another address' : `${url.origin}${url.pathname}`
  return sourceError('redirected', `GitHub redirects to ${oneLine(secrets.scrub(place)).slice(0, 200)}.`)
}
