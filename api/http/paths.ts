import { RegistryError } from '../contract/errors.ts'
import { ROUTE_WORDS } from '../contract/prompt-id.ts'

const PROMPTS = '/prompts/'
const PATH = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*([^?#]*)/i

/**
 * Normalizes a path for routing. A prompt id may be raw or percent-encoded, so everything between `/prompts/` and
 * the route word becomes one segment: `/prompts/a/b/versions` and `/prompts/a%2Fb/versions` both become
 * `/prompts/a%2Fb/versions`. So does the path of a file after `/files/`. All other encoding stays unchanged.
 */
export function routingPath({
  url,
  method = 'GET',
}: {
  readonly url: string
  readonly method?: string
}): string {
  const path = PATH.exec(url)?.[1] || '/'
  const words = method === 'GET' || method === 'HEAD' ? ROUTE_WORDS : WORDS_OF_WRITES
  return path.startsWith(PROMPTS) ? PROMPTS + oneSegment(path.slice(PROMPTS.length), words) : path
}

/** An id may end in `evidence`: `/prompts/{id}` is only read, and only posts have this word. */
const WORDS_OF_WRITES = [...ROUTE_WORDS, 'evidence']

function oneSegment(rest: string, words: readonly string[]): string {
  const slash = rest.lastIndexOf('/')
  if (slash === -1) return rest
  const isRoute = slash > 0 && words.includes(rest.slice(slash + 1))
  if (isRoute) return encodeSlashes(rest.slice(0, slash)) + rest.slice(slash)
  const files = rest.indexOf(FILES)
  if (files < 1 || rest.length === files + FILES.length) return encodeSlashes(rest)
  return encodeSlashes(rest.slice(0, files)) + FILES + encodeSlashes(rest.slice(files + FILES.length))
}

/** Also a possible part of a raw prompt id: see `withRawIds`. */
const FILES = '/files/'

function encodeSlashes(text: string): string {
  return text.includes('/') ? text.replaceAll('/', '%2F') : text
}

/** Throws `invalid_request` for an invalid escape or invalid UTF-8, and `invalid_text` for a NUL. */
export function demandCleanUrl(url: string): void {
  if (!url.includes('%')) return
  try {
    decodeURIComponent(url)
  } catch {
    throw new RegistryError(
      'invalid_request',
      'The URL is not valid percent-encoded UTF-8; write "%" as %25 and encode each character in full.',
    )
  }
  if (url.includes('%00')) throw new RegistryError('invalid_text', 'The URL has a NUL character (%00).')
}

interface MethodOnPath {
  readonly method: string
  /** In OpenAPI notation: `/prompts/{id}/versions`. */
  readonly path: string
}

/** The methods of `path`, for an `Allow` header; empty if no route has this path. */
export function allowedMethods(routes: readonly MethodOnPath[], path: string): string[] {
  const methods = routes
    .filter((route) => new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path))
    .map((route) => route.method.toUpperCase())
  return methods.includes('GET') ? ['GET', 'HEAD', ...methods.filter((method) => method !== 'GET')] : methods
}
