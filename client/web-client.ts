import { Client } from './client.ts'
import type { ClientOptions } from './options.ts'
import { webHost } from './web-host.ts'

/**
 * The client for browsers and other runtimes without the modules of Node: HTTP and the cache.
 *
 * @example
 * ```ts
 * const client = new PromptRegistryClient({ registryUrl: '/registry', token: () => session.token() })
 * const text = await client.get('support/triage')
 * ```
 */
export class WebPromptRegistryClient extends Client {
  /** Throws `PromptResolutionError` (`invalid_mode`, `invalid_configuration`). */
  constructor(options: ClientOptions = {}) {
    super(options, webHost)
  }
}
