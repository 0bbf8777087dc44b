import { findFrontMatter } from './find-front-matter.ts'
import { type Format, formatOfName } from './format.ts'
import { whyNotRead } from './not-read.ts'
import type { Notice } from './problem.ts'

export interface SplitOptions {
  /** The path or name of the file. Its last extension decides the format. */
  readonly path?: string | null
  /** Overrides the path. `text` and `document` have no front matter. */
  readonly format?: Format
  /** Look for front matter. If false, the whole file is content. Default: true. */
  readonly frontMatter?: boolean
}

/** A file in two parts: `frontMatter + content` is the file, character for character. */
export interface SplitFile {
  readonly format: Format
  /** Everything before the content, including both `---` lines; empty if there is none. */
  readonly frontMatter: string
  readonly content: string
  /** At most one notice: why front matter was not read. */
  readonly notices: readonly Notice[]
}

/** Splits a file at its front matter, in one or two passes over its lines and without parsing YAML. */
export function splitFile(text: string, options: SplitOptions = {}): SplitFile {
  const { path = null, frontMatter = true } = options
  const named = options.format ?? (path === null ? undefined : formatOfName(path))
  if (!frontMatter || named === 'text' || named === 'document') return whole(text, named ?? 'text')
  const fences = findFrontMatter(text, named ?? 'front-matter')
  if (fences === undefined) {
    const notice = whyNotRead(text, named ?? 'front-matter')
    return whole(text, named ?? 'text', notice === undefined ? [] : [notice])
  }
  const end = fences.close.next
  return {
    format: named ?? 'front-matter',
    frontMatter: text.slice(0, end),
    content: text.slice(end),
    notices: [],
  }
}

function whole(content: string, format: Format, notices: readonly Notice[] = []): SplitFile {
  return { format, frontMatter: '', content, notices }
}
