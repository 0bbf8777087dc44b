import { SourceError } from '../git-source.ts'
import { RateLimited, stopped } from './errors.ts'
import type { GitHubLimits } from './limits.ts'
import type { Gate } from './rate-limit.ts'
import type { Secrets } from './secrets.ts'

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>

export interface TransportOptions {
  readonly fetch: Fetch
  readonly random: () => number
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly limits: GitHubLimits
  readonly gate: Gate
  readonly secrets: Secrets
  /** The one place that may see credentials. */
  readonly origin: string
}

/**
 * A `fetch` for octokit that keeps to the host's limits, tries again what failed on the way, reads answers to
 * their end, and follows redirects on the same host only. Rejects with a `SourceError`.
 */
export function createTransport(options: TransportOptions): Fetch {
  const { gate, limits, random, pause, secrets } = options
  return async (url, init = {}) => {
    const signal = init.signal ?? undefined
    const { origin, pathname } = new URL(url)
    // The address of a next page, say, is the host's own words.
    if (origin !== options.origin) throw movedAway()
    const resource = pathname.endsWith('/graphql') ? 'graphql' : 'core'
    // Every question in GraphQL here is a query.
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
      const answer = await exchange(options, url, init).catch((error: unknown) => {
        if (signal?.aborted) throw stopped(signal.reason)
        if (error instanceof SourceError) throw error
        if (last) throw unreachable(error, secrets)
        return undefined
      })
      // The App's own requests are counted apart from those of its installation.
      if (answer && !/\/app\/|\/installation$/.test(pathname)) gate.observe(answer.response.headers)
      if (answer && gate.refused(resource, answer.response, answer.words)) continue
      if (answer && (answer.response.status < 500 || last)) return answer.response
      failures++
      const ms = limits.retryMs * 2 ** (failures - 1)
      await pause(Math.round(ms * (0.5 + random() / 2)), signal).catch(() => undefined)
      if (signal?.aborted) throw stopped(signal.reason)
    }
  }
}

interface Answer {
  readonly response: Response
  /** The body of a refusal. */
  readonly words: string
}

const REDIRECTS = [301, 302, 307, 308]

async function exchange(options: TransportOptions, first: string, init: RequestInit): Promise<Answer> {
  const signals = [AbortSignal.timeout(options.limits.answerMs), ...(init.signal ? [init.signal] : [])]
  const send: RequestInit = { ...init, redirect: 'manual', signal: AbortSignal.any(signals) }
  let url = first
  for (let hops = 0; ; hops++) {
    const response = await options.fetch(url, send)
    const followed = REDIRECTS.includes(response.status) && init.redirect !== 'manual'
    if (!followed) return await readToEnd(response, options.limits.answerBytes)
    await response.body?.cancel()
    const target = URL.parse(response.headers.get('location') ?? '', url)
    const keepsMethod = response.status > 302 || (init.method ?? 'GET') === 'GET'
    if (target?.origin !== options.origin || !keepsMethod || hops === 3) throw movedAway()
    url = target.href
  }
}

/** So that an answer cut on its way is noticed here, where it can be asked for again. */
async function readToEnd(response: Response, most: number): Promise<Answer> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > most)
      throw new SourceError('failed', `GitHub's answer has more than ${most} bytes: it is not read.`)
    chunks.push(chunk)
  }
  const bytes = Buffer.concat(chunks)
  const { status, headers } = response
  const json = /\bjson\b/.test(headers.get('content-type') ?? '')
  if (json && response.ok) JSON.parse(bytes.toString())
  const bodiless = [204, 205, 304].includes(status)
  return {
    response: new Response(bodiless ? null : bytes, { status, headers }),
    words: response.ok ? '' : bytes.toString(),
  }
}

function unreachable(error: unknown, secrets: Secrets): SourceError {
  if (error instanceof RateLimited) return error
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const words = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
  const sentence =
    'GitHub could not be reached, or its answer was cut: check the address, the network and the proxy.'
  return new SourceError('unreachable', sentence, { cause: new Error(secrets.scrub(words)) })
}

function movedAway(): SourceError {
  const sentence =
    'GitHub redirects to another place: write the new address of the repository into this source.'
  return new SourceError('unreachable', sentence)
}
