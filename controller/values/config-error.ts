/** An invalid configuration. `message` includes the place and what to write instead. */
export class ConfigError extends Error {
  readonly code = 'invalid_config'

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'ConfigError'
  }
}
