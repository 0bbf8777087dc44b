import { Client } from './client.ts'
import { nodeHost } from './node-host.ts'
import type { ClientOptions } from './options.ts'

/** {@inheritDoc Client} */
export class PromptRegistryClient extends Client {
  /** Throws `PromptResolutionError` (`invalid_mode`, `invalid_configuration`). */
  constructor(options: ClientOptions = {}) {
    super(options, nodeHost)
  }
}
