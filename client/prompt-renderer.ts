import type { TemplateEngine } from './rendering/engine.ts'
import { type Chosen, chooseEngine } from './rendering/engines.ts'
import type { Rendered, Template } from './rendering/render.ts'
import { PromptRenderError } from './rendering/render-error.ts'
import type { PromptValues } from './rendering/values.ts'
import type { Found } from './tier.ts'

export type RenderPrompt = (prompt: Found, values: PromptValues) => Promise<Rendered>

/** Compiled templates that are kept. */
const MOST_KEPT = 200

interface Compiled {
  readonly prompt: Pick<Found, 'format' | 'variables' | 'config' | 'inputs' | 'templateLanguage'>
  readonly run: (values: PromptValues) => Rendered
}

/** Renders prompts, and keeps the compiled templates of recent prompts. `newMarker`: see `RenderOptions`. */
export function createPromptRenderer(
  engines: readonly TemplateEngine[],
  newMarker: () => string,
): RenderPrompt {
  const kept = new Map<string, Compiled>()
  return async (prompt, values) => {
    const known = kept.get(prompt.text)
    if (known !== undefined && isOf(prompt, known)) return known.run(values)
    const chosen = chooseEngine(prompt.templateLanguage ?? null, engines)
    const [{ compilePrompt }, template] = await Promise.all([
      import('./renderer.ts'),
      readTemplate(prompt, chosen),
    ])
    const run = renderFailures(() => compilePrompt(template, { engine: chosen.engine, newMarker }))
    const [oldest] = kept.keys()
    if (kept.size === MOST_KEPT && oldest !== undefined) kept.delete(oldest)
    const compiled = { prompt, run: (given: PromptValues) => renderFailures(() => run(given)) }
    kept.set(prompt.text, compiled)
    return compiled.run(values)
  }
}

/** The cache of answers freezes them, so the same answer has the same objects. */
function isOf(prompt: Found, { prompt: known }: Compiled): boolean {
  return (
    prompt.format === known.format &&
    prompt.variables === known.variables &&
    prompt.config === known.config &&
    prompt.inputs === known.inputs &&
    prompt.templateLanguage === known.templateLanguage
  )
}

/** The reader is loaded only for a prompt whose file may say something about its text. */
async function readTemplate(prompt: Found, { language }: Chosen): Promise<Template> {
  const { text, variables, config } = prompt
  // A snapshot of an older client does not have the others.
  const { format = null, templateLanguage = null, inputs = null } = prompt
  const isPlain = format === null || (format === 'text' && templateLanguage === null)
  if (isPlain) return { text, language, inputs, messages: null }
  const { readPrompt } = await import('./yaml.ts')
  const reading = readPrompt({ format, templateLanguage, content: text, variables, config })
  const { messages, template, readingProblem } = reading
  if (readingProblem !== null) throw new PromptRenderError('unsupported_template', readingProblem)
  return { text: template ?? text, language, inputs: inputs ?? reading.inputs, messages }
}

/** The renderer is a module of its own in the package, with a copy of the class of errors. */
function renderFailures<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof PromptRenderError || !(error instanceof Error) || error.name !== 'PromptRenderError')
      throw error
    const { code, message, names, cause } = error as PromptRenderError
    throw new PromptRenderError(code, message, names, cause)
  }
}
