import type { Endpoint } from './types.ts'

export interface Routed {
  readonly endpoint: Endpoint
  readonly parameters: Readonly<Record<string, string>>
}

/** A parameter takes what is between two slashes; the last one may take more, raw or percent-encoded. */
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
  // Of the last parameter of `/repos/{owner}/{repo}`, too, GitHub takes one segment.
  return new RegExp(`^${source.replace('(?<repo>.+)', '(?<repo>[^/]+)')}$`)
}
