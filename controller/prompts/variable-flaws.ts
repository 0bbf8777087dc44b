import type { PromptFile } from '../../api/contract/reading/index.ts'
import type { Json } from '../../api/contract/version.ts'

/** A variable that its front matter and its content disagree about. `line` counts from 1 in the file. */
export interface VariableFlaw {
  readonly code: 'variable_unused' | 'variable_undeclared'
  readonly name: string
  readonly line: number
  readonly message: string
}

type DeclaringFile = Pick<PromptFile, 'frontMatter' | 'content' | 'variables'>

/**
 * Variables that are declared but not in the content, and placeholders such as `{{name}}` that are not declared. A file
 * that declares nothing has no flaws, and content with blocks (`{{#each}}`, `{% for %}`) is not searched for
 * placeholders, since blocks define names of their own.
 */
export function variableFlaws({ frontMatter, content, variables }: DeclaringFile): VariableFlaw[] {
  const declared = declaredNames(variables)
  if (declared.length === 0) return []
  const before = frontMatter.split('\n').length
  const unused = declared
    .filter((name) => !hasWord(content, name))
    .map((name): VariableFlaw => {
      const message = `The variable "${name}" is declared, but the content does not use it. Use or remove it.`
      return { code: 'variable_unused', name, line: lineOf(frontMatter, name), message }
    })
  const undeclared = placeholders(content)
    .filter(({ name }) => !declared.includes(name))
    .map(({ name, index }): VariableFlaw => {
      const line = before + content.slice(0, index).split('\n').length - 1
      const message = `The content uses "${name}", which is not among the declared variables. Declare it, or correct the name.`
      return { code: 'variable_undeclared', name, line, message }
    })
  return [...unused, ...undeclared]
}

/** A list of names, a list of objects with a `name`, or an object whose keys are the names. */
function declaredNames(variables: Json | null): string[] {
  if (variables === null || typeof variables !== 'object') return []
  const names = Array.isArray(variables) ? variables.map(nameOf) : Object.keys(variables)
  // Picoschema marks what is optional: `name?`, `name(string)`.
  const plain = names.map((name) => name.replace(/(\?|\().*$/s, '').trim())
  return [...new Set(plain)].filter((name) => /^[A-Za-z_][\w-]*$/.test(name))
}

function nameOf(entry: Json): string {
  if (typeof entry === 'string') return entry
  const name = entry !== null && typeof entry === 'object' && 'name' in entry ? entry.name : ''
  return typeof name === 'string' ? name : ''
}

function hasWord(content: string, name: string): boolean {
  return new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(content)
}

function placeholders(content: string): { readonly name: string; readonly index: number }[] {
  if (/\{\{[#^>]|\{%/.test(content)) return []
  const found = new Map<string, number>()
  for (const { 1: name = '', index } of content.matchAll(/\{\{\s*([A-Za-z_][\w-]*)[\w.[\]-]*\s*\}\}/g))
    if (!found.has(name)) found.set(name, index)
  return [...found].map(([name, index]) => ({ name, index }))
}

function lineOf(text: string, word: string): number {
  const line = text.split('\n').findIndex((one) => hasWord(one, word))
  return line + 1 || 1
}
