import type { Json } from '../version.ts'
import type { Format } from './format.ts'
import { isJsonObject } from './json-object.ts'
import { languageOfName, languageOfWord, type TemplateLanguage } from './template-language.ts'

export interface LanguageHints {
  readonly format: Format
  readonly config: Json | null
  /** The path or name of the file. */
  readonly path?: string | null
}

const KEYS = ['template_language', 'templateLanguage', 'template_format', 'templateFormat'] as const

/** The template language of a file: its own word, else its extension's, else its format's; `null` if none is known. */
export function templateLanguageOf({ format, config, path = null }: LanguageHints): TemplateLanguage | null {
  const word = ownWord(format, config)
  if (word !== undefined) return languageOfWord(word)
  const named = path === null ? null : languageOfName(path)
  return named ?? LANGUAGE_OF_FORMAT[format]
}

const LANGUAGE_OF_FORMAT: Readonly<Record<Format, TemplateLanguage | null>> = {
  text: null,
  'front-matter': null,
  dotprompt: 'handlebars',
  prompty: 'jinja',
  document: 'simple',
}

function ownWord(format: Format, config: Json | null): string | undefined {
  if (!isJsonObject(config)) return undefined
  for (const key of KEYS) {
    const word = config[key]
    if (typeof word === 'string') return word
  }
  if (format !== 'prompty') return undefined
  const { template } = config
  if (typeof template === 'string') return template
  if (!isJsonObject(template)) return undefined
  const engine = template.format ?? template.type ?? template.kind
  const word = isJsonObject(engine) ? engine.kind : engine
  return typeof word === 'string' ? word : undefined
}
