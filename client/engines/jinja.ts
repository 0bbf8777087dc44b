import { Template } from '@huggingface/jinja'
import type { TemplateEngine } from '../rendering/engine.ts'

/**
 * Jinja, as models' chat templates use it: no imports, files or Python. Loops have no bound.
 *
 * @example
 * ```ts
 * import { jinja } from '@prompt-registry/client/jinja'
 * const client = new PromptRegistryClient({ engines: [jinja] })
 * ```
 */
export const jinja: TemplateEngine = {
  language: 'jinja',
  compile(template) {
    const compiled = new Template(template)
    return (values) => compiled.render(values)
  },
}
