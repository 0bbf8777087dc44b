import { expressionNames } from './expression-names.ts'
import { handlebarsNames } from './handlebars-names.ts'
import type { TemplateLanguage } from './template-language.ts'

/** Keeps a hostile template from filling the answer. */
const MOST_NAMES = 500
const MOST_CHARACTERS = 128

/**
 * The names of the values that a template uses, in the order of the text. Of `{{a.b}}` it is `a`. Names that the
 * template sets itself are left out. Takes linear time.
 */
export function placeholderNames(text: string, language: TemplateLanguage): readonly string[] {
  const names = new Set<string>()
  for (const name of namesIn(text, language)) {
    if (name.length <= MOST_CHARACTERS) names.add(name)
    if (names.size === MOST_NAMES) break
  }
  return [...names]
}

function namesIn(text: string, language: TemplateLanguage): Iterable<string> {
  switch (language) {
    case 'simple':
      return matches(text, /\{\{\s*([\p{L}_][\p{L}\p{M}\p{N}_-]*)(?:\.[\p{L}\p{M}\p{N}_-]+)*\s*\}\}/gu)
    case 'f-string':
      return fieldNames(text)
    case 'semantic-kernel':
      return variableNames(text)
    case 'handlebars':
      return handlebarsNames(text)
    case 'jinja':
    case 'liquid':
      return expressionNames(text)
    default:
      return language satisfies never
  }
}

function* matches(text: string, pattern: RegExp): Generator<string> {
  for (const [, name] of text.matchAll(pattern)) if (name !== undefined) yield name
}

const FIELD = /^([\p{L}_][\p{L}\p{M}\p{N}_]*)(?:[.[!:]|$)/u

/** Fields of a Python format string. `{{` and `}}` are braces. */
function* fieldNames(text: string): Generator<string> {
  for (let at = text.indexOf('{'); at !== -1; ) {
    if (text[at + 1] === '{') {
      at = text.indexOf('{', at + 2)
      continue
    }
    const close = text.indexOf('}', at)
    if (close === -1) return
    const [, name] = FIELD.exec(text.slice(at + 1, Math.min(close, at + 1 + MOST_CHARACTERS))) ?? []
    if (name !== undefined) yield name
    at = text.indexOf('{', at + 1)
  }
}

/** Variables in the tags of Semantic Kernel, also as arguments of functions. */
function* variableNames(text: string): Generator<string> {
  for (let start = text.indexOf('{{'); start !== -1; ) {
    const close = text.indexOf('}}', start)
    if (close === -1) return
    yield* matches(text.slice(start, close), /\$([A-Za-z_][A-Za-z0-9_]*)/g)
    start = text.indexOf('{{', close)
  }
}
