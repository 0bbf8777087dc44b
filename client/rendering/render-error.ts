/**
 * Why a prompt cannot be rendered.
 *
 * - From the values: `missing_variable`, `unknown_variable`, `wrong_type`, `invalid_choice`.
 * - From the template: `unsupported_template`, `no_engine`.
 */
export type RenderErrorCode =
  | 'missing_variable'
  | 'unknown_variable'
  | 'wrong_type'
  | 'invalid_choice'
  | 'unsupported_template'
  | 'no_engine'

/**
 * Why a prompt cannot be rendered. `names` are the variables that it is about.
 *
 * @example
 * ```ts
 * try {
 *   await client.render('support/triage', values)
 * } catch (error) {
 *   if (isPromptRenderError(error) && error.code === 'missing_variable') ask(error.names)
 *   else throw error
 * }
 * ```
 */
export class PromptRenderError extends Error {
  /** Also in the built client, which shortens other names. */
  static override readonly name: string = 'PromptRenderError'
  // Declared only: the renderer is counted in bytes.
  declare readonly code: RenderErrorCode
  declare readonly names: readonly string[]

  constructor(code: RenderErrorCode, message: string, names: readonly string[] = [], cause?: unknown) {
    super(message, cause === undefined ? {} : { cause })
    this.name = PromptRenderError.name
    this.code = code
    this.names = names
  }
}

/**
 * Whether an error is a `PromptRenderError` of this copy of the package.
 *
 * @example
 * ```ts
 * if (isPromptRenderError(error)) console.error(error.code, error.names)
 * ```
 */
export function isPromptRenderError(error: unknown): error is PromptRenderError {
  return error instanceof PromptRenderError
}
