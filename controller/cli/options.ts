/** The options that every command takes. */
export interface CommonOptions {
  /** `promptctl.yaml` unless told. */
  readonly config?: string
  readonly registry?: string
  readonly output?: 'table' | 'json'
}
