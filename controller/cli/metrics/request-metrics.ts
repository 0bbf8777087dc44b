import { Counter, Histogram, type OpenMetricsContentType, type Registry } from 'prom-client'
import type { KeptHits } from '../../../api/http/finished-answers.ts'
import type { ObservedRequest } from '../../../api/http/observed-request.ts'

/** Seconds. A resolve takes less than a millisecond, or up to 1.8 s if its store is slow. */
const RESOLVE_BUCKETS = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3]
const RESOLVES: readonly string[] = ['GET /prompts/{ref}', 'POST /resolve']

export interface RequestMetrics {
  readonly observe: (request: ObservedRequest) => void
  /** Counts the hits of kept responses too. They are read when the metrics are. */
  readonly readHits: (hits: ReadonlyMap<string, Readonly<KeptHits>>) => void
}

/** The metrics of requests to the registry. */
export function createRequestMetrics(register: Registry<OpenMetricsContentType>): RequestMetrics {
  const registers = [register]
  let hits: ReadonlyMap<string, Readonly<KeptHits>> = new Map()
  const counts = new Map<string, { readonly labels: Record<string, string>; count: number }>()
  new Counter({
    name: 'prompt_registry_http_requests_total',
    help: 'Requests from outside, by method, route and status.',
    labelNames: ['method', 'route', 'status'],
    registers,
    collect() {
      this.reset()
      for (const { labels, count } of counts.values()) this.inc(labels, count)
      for (const [route, { sent, unchanged }] of hits) {
        if (sent > 0) this.inc({ method: 'GET', route, status: '200' }, sent)
        if (unchanged > 0) this.inc({ method: 'GET', route, status: '304' }, unchanged)
      }
    },
  })
  new Counter({
    name: 'prompt_registry_kept_response_hits_total',
    help: 'Requests that were answered with a kept response, by route.',
    labelNames: ['route'],
    registers,
    collect() {
      this.reset()
      for (const [route, { sent, unchanged }] of hits) this.inc({ route }, sent + unchanged)
    },
  })
  const resolves = new Histogram({
    name: 'prompt_registry_resolve_duration_seconds',
    help: 'Time to resolve prompts, without kept responses.',
    buckets: RESOLVE_BUCKETS,
    registers,
  })
  return {
    observe({ method, route, status, seconds }) {
      const key = `${method} ${route} ${status}`
      const known = counts.get(key)
      if (known !== undefined) known.count++
      else counts.set(key, { labels: { method, route, status: String(status) }, count: 1 })
      if (RESOLVES.includes(`${method} ${route}`)) resolves.observe(seconds)
    },
    readHits: (map) => {
      hits = map
    },
  }
}
