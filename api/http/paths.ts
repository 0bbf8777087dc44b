import { ROUTE_WORDS } from '../contract/index.ts'

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

/** Whether every `%` in a URL starts an escape, and the escapes are UTF-8. */
export function isWellEncoded(url: string): boolean {
  if (!url.includes('%')) return true
  try {
    decodeURIComponent(url)
    return true
  } catch {
    return false
  }
}
