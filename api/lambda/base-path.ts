import { type Fields, record, text } from './fields.ts'

export interface Mount {
  /** As received, percent-encoded or not. */
  readonly path: string
  /** The API Gateway route that matched, such as `/{proxy+}`. */
  readonly route: string | undefined
}

/**
 * Removes the stage and the base path of an API Gateway: `/prompts/p` for `/prod/prompts/p` on the stage `prod`,
 * below the base path of a custom domain, or below a catch-all route such as `/prod/{proxy+}`. `roots` are the
 * first segments of our own routes, which are never a base path. Returns any other path unchanged.
 */
export function withoutBasePath(
  { path, route }: Mount,
  event: Fields,
  roots: ReadonlySet<string> = new Set(),
): string {
  const below = routedPart(path, route, record(event.pathParameters))
  if (below === undefined) return withoutStage(path, record(event.requestContext))
  return withoutLiterals(below, route ?? '', roots)
}

/** The part of the path that the route matched, without stage and base path. */
function routedPart(path: string, route: string | undefined, parameters: Fields): string | undefined {
  if (route?.startsWith('/') !== true) return undefined
  const names = [...route.matchAll(PARAMETER)].map(([, name = '']) => name)
  if (names.some((name) => text(parameters[name]) === undefined)) return undefined
  const matched = decoded(route.replaceAll(PARAMETER, (_, name) => text(parameters[name]) ?? ''))
  const whole = decoded(path)
  const base = whole.slice(0, whole.length - matched.length)
  // A base path contains no characters that need encoding.
  return whole.endsWith(matched) && path.startsWith(base) ? path.slice(base.length) : undefined
}

const PARAMETER = /\{([^{}+]+)\+?\}/g

/** Drops the route's segments before the first one of ours. */
function withoutLiterals(path: string, route: string, roots: ReadonlySet<string>): string {
  if (roots.size === 0) return path
  const segments = route.split('/').slice(1)
  const first = segments.findIndex((segment) => segment.startsWith('{') || roots.has(segment))
  const literals = first === -1 ? segments : segments.slice(0, first)
  return path.slice(literals.reduce((length, segment) => length + segment.length + 1, 0))
}

/** REST APIs omit the stage from the path, and have the full path in the context. */
function withoutStage(path: string, context: Fields): string {
  const stage = `/${text(context.stage) ?? ''}`
  if (stage === '/' || stage === '/$default' || context.path === stage + path) return path
  if (path === stage) return '/'
  return path.startsWith(`${stage}/`) ? path.slice(stage.length) : path
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
