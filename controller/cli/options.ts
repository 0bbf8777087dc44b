/** The options of every command. */
export interface CommonOptions {
  /** Default: `promptctl.yaml`. */
  readonly config?: string
  readonly registry?: string
  readonly output?: 'table' | 'wide' | 'name' | 'json' | 'yaml' | 'csv'
  /** false: no line with the headings of a table. */
  readonly headers?: boolean
}
