import { RegistryError, ROUTE_WORDS } from '../contract/index.ts'

const PROMPTS = '/prompts/'
const PATH = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*([^?#]*)/i

/**
 * The path by which a request is routed. A prompt id may come raw or percent-encoded, so everything between
 * `/prompts/` and the route word becomes one segment: `/prompts/a/b/versions` and `/prompts/a%2Fb/versions` are
 * both `/prompts/a%2Fb/versions`. All other encoding stays as it came.
 */
export function routingPath(request: { readonly url: string }): string {
  const path = PATH.exec(request.url)?.[1] || '/'
  return path.startsWith(PROMPTS) ? PROMPTS + oneSegment(path.slice(PROMPTS.length)) : path
}

function oneSegment(rest: string): string {
  const slash = rest.lastIndexOf('/')
  if (slash === -1) return rest
  const isRoute = slash > 0 && ROUTE_WORDS.includes(rest.slice(slash + 1))
  return isRoute ? encodeSlashes(rest.slice(0, slash)) + rest.slice(slash) : encodeSlashes(rest)
}

function encodeSlashes(text: string): string {
  return text.includes('/') ? text.replaceAll('/', '%2F') : text
}

/** Throws `invalid_request` where an escape is not one or is not UTF-8, and `invalid_text` for a NUL. */
export function demandCleanUrl(url: string): void {
  if (!url.includes('%')) return
  try {
    decodeURIComponent(url)
  } catch {
    throw new RegistryError(
      'invalid_request',
      'The URL is not percent-encoded UTF-8; write a "%" as %25 and encode every other byte in full.',
    )
  }
  if (url.includes('%00')) throw new RegistryError('invalid_text', 'The URL holds a NUL character (%00).')
}

interface MethodOnPath {
  readonly method: string
  /** As OpenAPI writes it: `/prompts/{id}/versions`. */
  readonly path: string
}

/** The methods that `path` takes, for an `Allow` header; none where no route has that path. */
export function allowedMethods(routes: readonly MethodOnPath[], path: string): string[] {
  const methods = routes
    .filter((route) => new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path))
    .map((route) => route.method.toUpperCase())
  return methods.includes('GET') ? ['GET', 'HEAD', ...methods.filter((method) => method !== 'GET')] : methods
}
