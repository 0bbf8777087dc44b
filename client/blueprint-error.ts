/**
 * A blueprint that cannot be used. `message` begins with `file:line`.
 *
 * @example
 * ```ts
 * if (error instanceof BlueprintError) console.error(error.file, error.line, error.message)
 * ```
 */
export class BlueprintError extends Error {
  /** Also in the built client, which shortens other names. */
  static override readonly name: string = 'BlueprintError'
  readonly file: string
  readonly line: number | undefined

  constructor(where: { file: string; line?: number | undefined }, message: string, cause?: unknown) {
    const at = where.line === undefined ? where.file : `${where.file}:${where.line}`
    super(`${at}: ${message}`, cause === undefined ? {} : { cause })
    this.name = 'BlueprintError'
    this.file = where.file
    this.line = where.line
  }
}
