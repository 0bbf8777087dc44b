import { shellWord } from '../values/shell-word.ts'

/** The options of every command. */
export interface CommonOptions {
  /** Default: `promptctl.yaml`. */
  readonly config?: string
  readonly registry?: string
  readonly output?: 'table' | 'wide' | 'name' | 'json' | 'yaml' | 'csv'
  /** false: no line with the headings of a table. */
  readonly headers?: boolean
}

/** The options that choose a configuration and a registry, as the user must repeat them. */
export function repeatedOptions({ config, registry }: CommonOptions): string {
  const file = config === undefined ? '' : ` --config ${shellWord(config)}`
  // A URL with a password must not be shown, and is refused anyway.
  const isShown = registry !== undefined && !registry.includes('@')
  return isShown ? `${file} --registry ${shellWord(registry)}` : file
}
