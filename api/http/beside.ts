import type { App } from './node.ts'

/** Another handler at the same address as the registry. */
export interface MountedHandler {
  /** Prefix of the handler's paths, such as `/webhooks/`. The registry has no route under it. */
  readonly prefix: string
  /** true: also handles the path `/`. */
  readonly root?: boolean
  readonly fetch: (request: Request, env: object) => Response | Promise<Response>
}

/** Serves all at one address. Each one does its own authorization. */
export function withBeside(app: App, beside: readonly MountedHandler[]): App {
  return {
    ...app,
    fetch(request, env) {
      const { url } = request
      // The path starts at the first slash after `https://`. Parsing the URL would cost time on every request.
      const path = url.indexOf('/', 8)
      const isRoot = url.length === path + 1
      const handler = beside.find(({ prefix, root }) => url.startsWith(prefix, path) || (isRoot && root))
      return (handler ?? app).fetch(request, env)
    },
  }
}
