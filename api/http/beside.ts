import type { App } from './node.ts'

/** Another handler at the same address as the registry. */
export interface MountedHandler {
  /** Prefix of the handler's paths, such as `/webhooks/`. The registry has no route under it. */
  readonly prefix: string
  readonly fetch: (request: Request) => Response | Promise<Response>
}

/** Serves both at one address. Each one does its own authorization. */
export function withBeside(app: App, { prefix, fetch }: MountedHandler): App {
  return {
    ...app,
    fetch: (request, env) => (isBelow(prefix, request.url) ? fetch(request) : app.fetch(request, env)),
  }
}

function isBelow(prefix: string, url: string): boolean {
  // The path starts at the first slash after `https://`. Parsing the URL would cost time on every request.
  return url.startsWith(prefix, url.indexOf('/', 8))
}
