import { LIMITS } from '../limits.ts'
import { decodeFile } from './decode-file.ts'
import { type FrontMatter, readFrontMatter } from './front-matter.ts'
import type { FileProblem } from './problem.ts'
import { type SplitFile, type SplitOptions, splitFile } from './split-file.ts'

/** A prompt file: its two parts and the contents of its front matter. */
export type PromptFile = SplitFile & FrontMatter

/** Reads a file from its bytes, or returns why it cannot become a version. */
export function readPromptFile(bytes: Uint8Array, options: SplitOptions = {}): PromptFile | FileProblem {
  const text = decodeFile(bytes)
  if (typeof text !== 'string') return text
  const split = splitFile(text, options)
  const matter = readFrontMatter(split.frontMatter, split.format)
  if ('code' in matter) return matter
  return (
    contentProblem(split.content) ?? { ...split, ...matter, notices: [...split.notices, ...matter.notices] }
  )
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
