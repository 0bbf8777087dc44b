import type { Endpoint } from './types.ts'

export interface Routed {
  readonly endpoint: Endpoint
  readonly parameters: Readonly<Record<string, string>>
}

/** A parameter matches one path segment. The last one may match more, raw or percent-encoded. */
export function route(endpoints: readonly Endpoint[], method: string, path: string): Routed | undefined {
  for (const endpoint of endpoints) {
    const [wanted, template = ''] = endpoint.operation.split(' ')
    const match = wanted === method ? pattern(template).exec(path) : null
    if (!match) continue
    const values = Object.entries(match.groups ?? {}).map(([name, value]) => [
      name,
      decodeURIComponent(value),
    ])
    return { endpoint, parameters: Object.fromEntries(values) }
  }
  return undefined
}

function pattern(template: string): RegExp {
  const source = template.replaceAll(/\{(\w+)\}(\/?)/g, (_, name, slash) =>
    slash === '' ? `(?<${name}>.+)` : `(?<${name}>[^/]+)/`,
  )
  // For `/repos/{owner}/{repo}`, the last parameter matches only one segment too.
  return new RegExp(`^${source.replace('(?<repo>.+)', '(?<repo>[^/]+)')}$`)
}
