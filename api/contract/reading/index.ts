/**
 * Reads prompt files: bytes to text, text to front matter and content, front matter to values. Controller,
 * registry, client and `promptctl lint` share it, so all of them see the same prompt.
 */
export { decodeFile } from './decode-file.ts'
export { FORMATS, type Format } from './format.ts'
export { type FrontMatter, readFrontMatter } from './front-matter.ts'
export { INPUT_TYPES, type InputType, type PromptInput } from './inputs.ts'
export { type FileProblem, isFileProblem, type Notice } from './problem.ts'
export type { PromptMessage, PromptReading } from './prompt-reading.ts'
export { effectiveAdditions, type FileParts, readParts, type VersionFields } from './read-parts.ts'
export { contentProblem, type PromptFile, readPromptFile } from './read-prompt-file.ts'
export { type SplitFile, type SplitOptions, splitFile } from './split-file.ts'
export { TEMPLATE_LANGUAGES, type TemplateLanguage } from './template-language.ts'
