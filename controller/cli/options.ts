/** The options of every command. */
export interface CommonOptions {
  /** Default: `promptctl.yaml`. */
  readonly config?: string
  readonly registry?: string
  readonly output?: 'table' | 'json'
}
