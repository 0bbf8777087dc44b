import type { PromptInput } from '../../api/contract/reading/inputs.ts'
import type { PromptMessage } from '../../api/contract/reading/messages.ts'
import type { TemplateLanguage } from '../../api/contract/reading/template-language.ts'
import type { Json } from '../../api/contract/version.ts'
import type { BuiltIn } from '../../client/rendering/built-in.ts'
import { compilePrompt, type RenderedMessage } from '../../client/rendering/render.ts'

/** An argument as MCP lists it. */
export interface PromptArgument {
  readonly name: string
  readonly description?: string
  readonly required: boolean
}

/** The arguments of MCP are strings. */
type ArgumentValues = Readonly<Record<string, string>>

/** The inputs of a prompt as arguments, with those that its text uses undeclared. */
export function argumentsOf(inputs: readonly PromptInput[]): readonly PromptArgument[] {
  return inputs.map(({ name, description, required }) => ({
    name,
    ...(description !== undefined && { description }),
    required,
  }))
}

/** Required inputs that have no value. */
export function missingArguments(inputs: readonly PromptInput[], values: ArgumentValues): readonly string[] {
  return inputs
    .filter(({ name, required }) => required && !Object.hasOwn(values, name))
    .map(({ name }) => name)
}

/** A prompt as far as its messages depend on it. */
export interface FillablePrompt {
  readonly text: string
  readonly language: TemplateLanguage | null
  readonly inputs: readonly PromptInput[]
  /** `null`: the prompt is a single text. */
  readonly messages: readonly PromptMessage[] | null
}

/**
 * The messages of a prompt with its values. A language that needs an engine is not rendered: only `{{name}}` of an
 * input is replaced, and everything else stays as it is. Throws `PromptRenderError`.
 */
export function filledIn(prompt: FillablePrompt, given: ArgumentValues): readonly RenderedMessage[] {
  const { text, language, inputs } = prompt
  const messages = prompt.messages ?? [{ role: 'user', content: text }]
  if (isBuiltIn(language)) {
    const fill = compilePrompt({ text, language, inputs, messages }, { newMarker: () => '' })
    return fill(valuesOf(inputs, given)).messages ?? []
  }
  const names = new Set(inputs.map(({ name }) => name))
  return messages.map(({ role, content = '' }) => ({
    role,
    content: content.replace(/\{\{([^{}]*)\}\}/g, (all, inner: string) => {
      const name = inner.trim()
      return names.has(name) && Object.hasOwn(given, name) ? (given[name] ?? all) : all
    }),
  }))
}

function isBuiltIn(language: TemplateLanguage | null): language is BuiltIn {
  return language !== 'handlebars' && language !== 'jinja' && language !== 'liquid'
}

/** The values of the inputs. Those of other types than text are JSON. Unknown arguments are ignored. */
function valuesOf(inputs: readonly PromptInput[], given: ArgumentValues): Record<string, Json> {
  const known = inputs.flatMap(({ name, type }): [string, Json][] => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    if (value === undefined) return []
    return [[name, type === 'string' || type === 'any' ? value : parsed(value)]]
  })
  return Object.fromEntries(known)
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
