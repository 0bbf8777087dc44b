import type { PromptInput } from '../../api/contract/reading/inputs.ts'
import type { PromptMessage } from '../../api/contract/reading/messages.ts'
import { type BuiltIn, compileText, fillParts } from './built-in.ts'
import type { TemplateEngine } from './engine.ts'
import { PromptRenderError } from './render-error.ts'
import { type Checked, checkValues, type PromptValues } from './values.ts'

/** A prompt as the reader of prompt files understands it. */
export interface Template {
  readonly text: string
  /** With an engine, that of the engine. */
  readonly language: BuiltIn
  readonly inputs: readonly PromptInput[] | null
  /** `null`: the prompt is a single text. */
  readonly messages: readonly PromptMessage[] | null
}

/**
 * A message that is ready for a model. The role `history` is the place of earlier messages, without text.
 *
 * @example
 * ```ts
 * const sent = messages.flatMap((message: RenderedMessage) => (message.role === 'history' ? earlier : [message]))
 * ```
 */
export interface RenderedMessage {
  readonly role: string
  readonly content: string
}

export interface Rendered {
  /** The content of all messages, one after another. */
  readonly text: string
  readonly messages: readonly RenderedMessage[] | null
}

export interface RenderOptions {
  /** Without one the language must be built in. */
  readonly engine?: TemplateEngine | undefined
  /** A string that nobody can guess, of letters and digits only. */
  readonly newMarker: () => string
}

/**
 * Compiles a prompt. Roles come from the template alone: a built-in language fills each message by itself, and an
 * engine gets a marker for each role that no value can contain. Throws `PromptRenderError`, as does the result.
 */
export function compilePrompt(
  template: Template,
  options: RenderOptions,
): (values: PromptValues) => Rendered {
  const inputs = template.inputs ?? []
  const fill = fillerOf(template, inputs, options)
  return (values) => {
    const { text, messages } = fill(checkValues(inputs, values))
    return { text: text ?? textOf(messages ?? []), messages }
  }
}

type Filler = (values: Checked) => { readonly text?: string; readonly messages: RenderedMessage[] | null }

function fillerOf(
  { text, language, messages }: Template,
  inputs: readonly PromptInput[],
  options: RenderOptions,
): Filler {
  const { engine, newMarker } = options
  if (engine !== undefined)
    return messages === null ? wholeBy(engine, text) : markedBy(engine, messages, newMarker())
  if (messages === null) {
    const parts = compileText(text, language, inputs)
    return (values) => ({ text: fillParts(parts, values), messages: null })
  }
  const all = messages.map(({ role, content = '' }) => ({
    role,
    parts: compileText(content, language, inputs),
  }))
  return (values) => ({
    messages: all.map(({ role, parts }) => ({ role, content: fillParts(parts, values) })),
  })
}

function wholeBy(engine: TemplateEngine, text: string): Filler {
  const run = guarded(engine, text)
  return (values) => ({ text: run(values), messages: null })
}

function markedBy(engine: TemplateEngine, messages: readonly PromptMessage[], marker: string): Filler {
  const run = guarded(engine, messages.map(({ content = '' }) => `${marker}\n${content}`).join('\n'))
  return (values) => {
    const [before = '', ...contents] = run(values).split(marker)
    if (before.trim() !== '' || contents.length !== messages.length)
      throw new PromptRenderError('unsupported_template', 'A block moves or drops a message.')
    return {
      messages: messages.map(({ role }, n) => ({
        role,
        content: (contents[n] ?? '').replace(/^\n|\n$/g, ''),
      })),
    }
  }
}

/** Runs an engine, whose errors are about the template. */
function guarded({ language, compile }: TemplateEngine, template: string): (values: Checked) => string {
  const safely = <T>(work: () => T): T => {
    try {
      return work()
    } catch (cause) {
      const [why] = String(cause).split('\n')
      throw new PromptRenderError('unsupported_template', `The ${language} template fails. ${why}`, [], cause)
    }
  }
  const run = safely(() => compile(template))
  return (values) => safely(() => run(values))
}

function textOf(messages: readonly RenderedMessage[]): string {
  const shown = messages.filter(({ role }) => role !== 'history').map(({ content }) => content)
  return shown.join('\n')
}
