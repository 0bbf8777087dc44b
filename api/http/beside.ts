import type { App } from './node.ts'

/** Something else that is served at the same address as the registry. */
export interface Beside {
  /** Of the paths it takes, such as `/webhooks/`; the registry has no route there. */
  readonly prefix: string
  readonly fetch: (request: Request) => Response | Promise<Response>
}

/** Both at one address. Who may ask what is each one's own business. */
export function withBeside(app: App, { prefix, fetch }: Beside): App {
  return {
    fetch: (request, env) => (isBelow(prefix, request.url) ? fetch(request) : app.fetch(request, env)),
  }
}

function isBelow(prefix: string, url: string): boolean {
  // The path begins at the first slash after `https://`; parsing the URL would cost every request.
  return url.startsWith(prefix, url.indexOf('/', 8))
}
