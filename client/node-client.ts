import { Client } from './client.ts'
import { nodeHost } from './node-host.ts'
import type { ClientOptions } from './options.ts'

/**
 * {@inheritDoc Client}
 *
 * @example
 * ```ts
 * const client = new PromptRegistryClient({ registryUrl: 'https://prompts.example.com' })
 * const text = await client.get('support/triage')
 * ```
 */
export class PromptRegistryClient extends Client {
  /** Throws `PromptResolutionError` (`invalid_mode`, `invalid_configuration`). */
  constructor(options: ClientOptions = {}) {
    super(options, nodeHost)
  }
}
