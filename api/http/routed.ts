import { getQueryParams } from 'hono/utils/url'
import { routingPath } from './paths.ts'
import type { IncomingRequest, RoutedRequest } from './request.ts'
import type { Route } from './route.ts'

/** Something that belongs to a route. */
interface OfRoute {
  readonly route: Pick<Route, 'method' | 'path'>
}

/** Finds the route of a request as Hono does on a server: no two paths of our routes match the same path. */
export function findRoute<T extends OfRoute>(
  all: readonly T[],
  request: Pick<IncomingRequest, 'method' | 'url'>,
): T | undefined {
  const method = request.method === 'HEAD' ? 'get' : request.method.toLowerCase()
  const segments = routingPath(request).split('/')
  return all.find(({ route }) => route.method === method && matches(route.path.split('/'), segments))
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, at) => (part.startsWith('{') ? segments[at] !== '' : part === segments[at]))
  )
}

/** A request on a route with this path, as Hono passes it on. */
export function routed(raw: IncomingRequest, url: string, pattern?: string): RoutedRequest {
  const path = routingPath({ url, method: raw.method })
  return {
    method: raw.method,
    url,
    path,
    raw,
    param: () => (pattern === undefined ? {} : parametersOf(pattern, path)),
    queries: () => getQueryParams(url) as Record<string, string[]>,
  }
}

function parametersOf(pattern: string, path: string): Record<string, string> {
  const segments = path.split('/')
  const names = pattern.split('/').map((part) => /^\{(\w+)\}$/.exec(part)?.[1])
  return Object.fromEntries(
    names.flatMap((name, at) => (name === undefined ? [] : [[name, decodeURIComponent(segments[at] ?? '')]])),
  )
}
