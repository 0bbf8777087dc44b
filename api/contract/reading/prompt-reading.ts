import type { Json } from '../version.ts'
import { declaredInputs } from './declared-inputs.ts'
import type { PromptDocument } from './document.ts'
import { type Format, formatOfName } from './format.ts'
import type { PromptInput } from './inputs.ts'
import { contentMessages, type PromptMessage } from './messages.ts'
import { placeholderNames } from './placeholders.ts'
import type { TemplateLanguage } from './template-language.ts'

/** What is stored of a version, as far as its reading depends on it. */
export interface StoredPrompt {
  readonly format: Format
  readonly templateLanguage: TemplateLanguage | null
  readonly content: string
  /** The value of `variables`, as in the file. */
  readonly variables: Json | null
  /** The file's other keys. */
  readonly config: Json | null
  /** The path of the file, if it is known and its layout does not set the format. */
  readonly path?: string | null
}

/**
 * The meaning of a stored prompt: a pure function of its stored fields. Once released, a reading may not change for a file
 * that it read.
 */
export interface PromptReading {
  /** Declared inputs in the order of the file, then those that the text uses undeclared; `null` if there are none. */
  readonly inputs: readonly PromptInput[] | null
  /** `null` if the prompt is a single text. */
  readonly messages: readonly PromptMessage[] | null
  /** The text in a document without messages; `null` if the content itself is the text. */
  readonly template: string | null
  /** Why the file could not be read further, with the next step. Its content is valid all the same. */
  readonly readingProblem: string | null
}

/** Whether the reading needs the content parsed as a document. */
export function needsDocument({ format, path = null }: Pick<StoredPrompt, 'format' | 'path'>): boolean {
  return format === 'document' || (format === 'text' && path !== null && formatOfName(path) === 'document')
}

/** Reads a stored prompt. `document` is the result of `readDocument`, if `needsDocument` asks for it. */
export function readStored(
  stored: StoredPrompt,
  document?: PromptDocument | { readonly flaw: string },
): PromptReading {
  const { format, templateLanguage, content } = stored
  if (document === undefined) {
    const read = contentMessages(content, format, templateLanguage)
    const problem = read !== null && 'problem' in read ? read.problem : null
    const messages = read !== null && 'problem' in read ? null : read
    return { inputs: inputsOf(stored, [content]), messages, template: null, readingProblem: problem }
  }
  if ('flaw' in document || format !== 'document') {
    const readingProblem = 'flaw' in document ? document.flaw : null
    return { inputs: inputsOf(stored, [content]), messages: null, template: null, readingProblem }
  }
  const { messages, template, problem } = document
  const texts = [...(messages ?? []).map((message) => message.content ?? ''), template ?? '']
  return { inputs: inputsOf(stored, texts), messages, template, readingProblem: problem }
}

function inputsOf(stored: StoredPrompt, texts: readonly string[]): readonly PromptInput[] | null {
  const { templateLanguage } = stored
  const declared = declaredInputs(stored)
  const names = new Set(declared.map(({ name }) => name))
  const used =
    templateLanguage === null ? [] : texts.flatMap((text) => placeholderNames(text, templateLanguage))
  const undeclared = [...new Set(used)].filter((name) => !names.has(name))
  const all = [
    ...declared,
    ...undeclared.map((name): PromptInput => ({ name, type: 'any', required: true, declared: false })),
  ]
  return all.length === 0 ? null : all
}
