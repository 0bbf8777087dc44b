/**
 * Reads prompt files: bytes to text, text to front matter and content, front matter to values. Controller,
 * registry, client and `promptctl lint` share it, so all of them see the same prompt.
 */
export { decodeFile } from './decode-file.ts'
export { type PromptDocument, readDocument } from './document.ts'
export { FORMATS, type Format } from './format.ts'
export { readFrontMatter } from './front-matter.ts'
export { INPUT_TYPES, type InputType, type PromptInput } from './inputs.ts'
export type { PromptMessage } from './messages.ts'
export { templateLanguageOf } from './own-language.ts'
export { type FileProblem, isFileProblem, type Notice } from './problem.ts'
export type { FrontMatter } from './prompt-fields.ts'
export { needsDocument, type PromptReading, readStored, type StoredPrompt } from './prompt-reading.ts'
export { effectiveAdditions, type FileParts, readParts, type VersionFields } from './read-parts.ts'
export {
  contentProblem,
  type PromptFile,
  type ReadOptions,
  readingOf,
  readPrompt,
  readPromptFile,
} from './read-prompt-file.ts'
export { type SplitFile, type SplitOptions, splitFile } from './split-file.ts'
export { TEMPLATE_LANGUAGES, type TemplateLanguage } from './template-language.ts'
