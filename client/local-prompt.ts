import { type Format, formatOfName } from '../api/contract/reading/format.ts'
import type { PromptInput } from '../api/contract/reading/inputs.ts'
import { languageOfName, type TemplateLanguage } from '../api/contract/reading/template-language.ts'
import type { Json } from '../api/contract/version.ts'
import { frozen } from './belief.ts'

export interface LocalPrompt {
  readonly content: string
  readonly description: string | null
  readonly tags: readonly string[]
  readonly variables: Json | null
  readonly config: Json | null
  readonly format: Format
  readonly templateLanguage: TemplateLanguage | null
  /** `null` if nothing says anything about them. */
  readonly inputs: readonly PromptInput[] | null
  /** Why the file could not be read as a prompt file; its whole text is then the content. */
  readonly problem?: string
}

/**
 * A prompt file, read as the controller reads it. One that the controller would quarantine is used whole: an agent
 * that has nothing else is better off with its text. The reader, with its YAML library, is loaded for the first file
 * that may have front matter or inputs.
 */
export async function readLocalPrompt(path: string, text: string): Promise<LocalPrompt> {
  const [format, templateLanguage] = [formatOfName(path) ?? 'text', languageOfName(path)] as const
  const whole = {
    content: text,
    description: null,
    tags: [],
    variables: null,
    config: null,
    format,
    templateLanguage,
    inputs: null,
  }
  const isPlain = templateLanguage === null && format !== 'document'
  if (isPlain && !/^\uFEFF?---/m.test(text)) return whole
  const { isFileProblem, readPrompt, readPromptFile } = await import('./yaml.ts')
  const file = readPromptFile(new TextEncoder().encode(text), { path })
  if (isFileProblem(file)) return { ...whole, problem: `${path}:${file.line ?? 1}: ${file.message}` }
  const { content, description, tags, variables, config } = file
  return frozen({
    content,
    description,
    tags,
    variables,
    config,
    format: file.format,
    templateLanguage: file.templateLanguage,
    inputs: readPrompt({ ...file, path }).inputs,
  })
}
