import type { PromptInput } from '../../api/contract/reading/inputs.ts'
import type { TemplateLanguage } from '../../api/contract/reading/template-language.ts'
import type { Json } from '../../api/contract/version.ts'
import { PromptRenderError } from './render-error.ts'
import type { Checked } from './values.ts'

export type BuiltIn = Exclude<TemplateLanguage, 'handlebars' | 'jinja' | 'liquid'> | null

/** Text with its placeholders cut out: strings at even places, paths of names at odd ones. */
export type TemplateParts = readonly (string | readonly string[])[]

const WORD = '[\\p{L}\\p{M}\\p{N}_-]'
const PATH = `[\\p{L}_]${WORD}*(?:\\.${WORD}+)*`
const inBraces = (name: string) => new RegExp(`\\{\\{[^\\S\\n]*(?:${name}[^\\S\\n]*\\}\\}|(?=[^\\s}]))`, 'gu')

/** One pattern a language: a placeholder with a path, an escape, or a tag that the language cannot fill. */
const PATTERNS: Readonly<Record<NonNullable<BuiltIn>, RegExp>> = {
  simple: inBraces(`(${PATH})`),
  'f-string': new RegExp(`\\{(${PATH})\\}|(?<brace>\\{\\{|\\}\\})|[{}]`, 'gu'),
  'semantic-kernel': inBraces('\\$([A-Za-z_]\\w*)'),
}

/** Cuts text into parts. Without a language only declared names are placeholders. Throws `unsupported_template`. */
export function compileText(text: string, language: BuiltIn, inputs: readonly PromptInput[]): TemplateParts {
  const declared = language === null ? new Set(inputs.map(({ name }) => name)) : undefined
  const parts: (string | readonly string[])[] = []
  let literal = ''
  let from = 0
  for (const match of text.matchAll(PATTERNS[language ?? 'simple'])) {
    const [all, path] = match
    const brace = match.groups?.brace?.charAt(0)
    const names = path?.split('.')
    if (declared !== undefined && !declared.has(names?.[0] ?? '')) continue
    literal += text.slice(from, match.index) + (brace ?? '')
    from = match.index + all.length
    if (brace !== undefined) continue
    if (names === undefined) throw unsupported(text, match.index, language)
    parts.push(literal, names)
    literal = ''
  }
  parts.push(literal + text.slice(from))
  return parts
}

export function fillParts(parts: TemplateParts, values: Checked): string {
  let text = ''
  for (const part of parts) text += typeof part === 'string' ? part : shown(valueAt(part, values))
  return text
}

function valueAt(path: readonly string[], values: Checked): Json | undefined {
  let value: Json | undefined = values
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Checked)[name]
  }
  return value
}

/** Text as it is, nothing for a missing or null value, and JSON for the rest. */
function shown(value: Json | undefined): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

function unsupported(text: string, index: number, language: BuiltIn): PromptRenderError {
  const before = text.slice(0, index).split('\n')
  const column = (before.at(-1)?.length ?? 0) + 1
  const [found] = text.slice(index, index + 40).split('\n')
  return new PromptRenderError(
    'unsupported_template',
    `Line ${before.length}, column ${column}: "${found}" is not ${language}. Set another template language.`,
  )
}
