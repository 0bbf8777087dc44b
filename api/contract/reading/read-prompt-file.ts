import { LIMITS } from '../limits.ts'
import type { Sidecars } from '../version.ts'
import { decodeFile } from './decode-file.ts'
import { documentFields, readDocument } from './document.ts'
import { readFrontMatter } from './front-matter.ts'
import { templateLanguageOf } from './own-language.ts'
import type { FileProblem } from './problem.ts'
import { type FrontMatter, NO_FIELDS } from './prompt-fields.ts'
import { needsDocument, type PromptReading, readStored, type StoredPrompt } from './prompt-reading.ts'
import { withSidecars } from './sidecars.ts'
import { type SplitFile, type SplitOptions, splitFile } from './split-file.ts'
import type { TemplateLanguage } from './template-language.ts'

/** A prompt file: its two parts, and the contents of its front matter or document. */
export type PromptFile = SplitFile & FrontMatter & { readonly templateLanguage: TemplateLanguage | null }

export interface ReadOptions extends SplitOptions {
  /** Overrides the file's own language. */
  readonly templateLanguage?: TemplateLanguage
  readonly sidecars?: Sidecars | null
}

/** Reads a file from its bytes, or returns why it cannot become a version. */
export function readPromptFile(bytes: Uint8Array, options: ReadOptions = {}): PromptFile | FileProblem {
  const text = decodeFile(bytes)
  if (typeof text !== 'string') return text
  const split = splitFile(text, options)
  const own = split.format === 'document' ? asDocument(split) : withFrontMatter(split)
  if ('code' in own) return own
  const read = withSidecars(own, options.sidecars ?? null)
  if ('code' in read) return read
  const { path = null, templateLanguage = templateLanguageOf({ ...read, path }) } = options
  return contentProblem(read.content) ?? { ...read, templateLanguage }
}

function withFrontMatter(split: SplitFile): (SplitFile & FrontMatter) | FileProblem {
  const matter = readFrontMatter(split.frontMatter, split.format)
  if ('code' in matter) return matter
  return { ...split, ...matter, notices: [...split.notices, ...matter.notices] }
}

/** A document without messages and without a template is text. */
function asDocument(split: SplitFile): SplitFile & FrontMatter {
  const fields = documentFields(split.content)
  return fields === undefined ? { ...split, ...NO_FIELDS, format: 'text' } : { ...split, ...fields }
}

/** The meaning of a prompt file. */
export function readingOf(file: PromptFile, path: string | null = null): PromptReading {
  return readPrompt({ ...file, path })
}

/** The meaning of a stored prompt. */
export function readPrompt(stored: StoredPrompt): PromptReading {
  return readStored(stored, needsDocument(stored) ? readDocument(stored.content) : undefined)
}

/** Explains why text cannot be the content of a version; `undefined` if it can. White space is valid content. */
export function contentProblem(content: string): FileProblem | undefined {
  if (content === '') {
    return {
      code: 'content_empty',
      message: 'The file has no content. Write the prompt below the front matter.',
    }
  }
  const bytes = Buffer.byteLength(content)
  if (bytes <= LIMITS.contentBytes) return undefined
  const message = `The content has ${bytes} bytes; at most ${LIMITS.contentBytes} are allowed. Shorten it.`
  return { code: 'content_too_large', message }
}
