/**
 * How a prompt file is written.
 * - `text`: everything is content.
 * - `front-matter`: YAML between `---` lines, then content.
 * - `dotprompt`: the same; `#` lines may come first.
 * - `prompty`: the same, with Prompty's keys.
 * - `document`: YAML, JSON or TOML from start to end, with messages or a template.
 */
export const FORMATS = ['text', 'front-matter', 'dotprompt', 'prompty', 'document'] as const
export type Format = (typeof FORMATS)[number]

/** The name of a file, and its last extension in lower case; empty if it has none. */
export function nameOf(path: string): { readonly name: string; readonly extension: string } {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return { name, extension: dot > 0 ? name.slice(dot).toLowerCase() : '' }
}

/**
 * The format that the last extension of a file name implies; `undefined` if the file's content decides. A `document`
 * without messages and without a template is `text` after all.
 */
export function formatOfName(path: string): Format | undefined {
  const { extension } = nameOf(path)
  switch (extension) {
    case '.prompt':
      return 'dotprompt'
    case '.prompty':
      return 'prompty'
    case '.yaml':
    case '.yml':
    case '.json':
    case '.toml':
      return 'document'
    default:
      return undefined
  }
}
