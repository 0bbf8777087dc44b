import { nameOf } from './format.ts'

/**
 * How placeholders are written in the text of a prompt.
 * - `simple`: `{{name}}` and `{{a.b}}`, nothing else.
 * - `f-string`: `{name}`, as in Python.
 * - `semantic-kernel`: `{{$name}}`.
 * - `handlebars`, `jinja`, `liquid`: the template languages of these names.
 */
export const TEMPLATE_LANGUAGES = [
  'simple',
  'f-string',
  'semantic-kernel',
  'handlebars',
  'jinja',
  'liquid',
] as const
export type TemplateLanguage = (typeof TEMPLATE_LANGUAGES)[number]

const WORDS: Readonly<Record<string, TemplateLanguage>> = {
  jinja2: 'jinja',
  hbs: 'handlebars',
  // Handlebars reads what Mustache templates usually have.
  mustache: 'handlebars',
  liquidjs: 'liquid',
  fstring: 'f-string',
  f_string: 'f-string',
  semantic_kernel: 'semantic-kernel',
}

const EXTENSIONS: Readonly<Record<string, TemplateLanguage>> = {
  '.prompt': 'handlebars',
  '.hbs': 'handlebars',
  '.handlebars': 'handlebars',
  '.prompty': 'jinja',
  '.j2': 'jinja',
  '.jinja': 'jinja',
  '.jinja2': 'jinja',
  '.liquid': 'liquid',
}

/** The language that a file names itself, such as `jinja2`; `null` if the word names none. */
export function languageOfWord(word: string): TemplateLanguage | null {
  const name = word.trim().toLowerCase()
  const known = TEMPLATE_LANGUAGES.find((language) => language === name)
  return known ?? (Object.hasOwn(WORDS, name) ? (WORDS[name] ?? null) : null)
}

/** The language that the name of a file implies; `null` if it implies none. */
export function languageOfName(path: string): TemplateLanguage | null {
  const { name, extension } = nameOf(path)
  if (name.toLowerCase() === 'skprompt.txt') return 'semantic-kernel'
  return Object.hasOwn(EXTENSIONS, extension) ? (EXTENSIONS[extension] ?? null) : null
}
