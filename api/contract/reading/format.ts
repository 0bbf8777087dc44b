/**
 * How a prompt file is written.
 * - `text`: everything is content.
 * - `front-matter`: YAML between `---` lines, then content.
 * - `dotprompt`: the same; `#` lines may come first.
 * - `prompty`: the same, with Prompty's keys.
 * - `document`: YAML or TOML from start to end.
 */
export const FORMATS = ['text', 'front-matter', 'dotprompt', 'prompty', 'document'] as const
export type Format = (typeof FORMATS)[number]

/** The format that the last extension of a file name implies; `undefined` if the file's content decides. */
export function formatOfName(path: string): Format | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 ? name.slice(dot).toLowerCase() : ''
  if (extension === '.prompt') return 'dotprompt'
  if (extension === '.prompty') return 'prompty'
  return undefined
}
