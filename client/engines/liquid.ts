import { Liquid } from 'liquidjs'
import type { TemplateEngine } from '../rendering/engine.ts'

/** No files, no prototypes, and bounds in characters, milliseconds and bytes. */
const engine = new Liquid({
  templates: {},
  ownPropertyOnly: true,
  strictFilters: true,
  parseLimit: 1_000_000,
  renderLimit: 1_000,
  memoryLimit: 10_000_000,
})

/**
 * Liquid. Templates have bounds of time and memory.
 *
 * @example
 * ```ts
 * import { liquid } from '@prompt-registry/client/liquid'
 * const client = new PromptRegistryClient({ engines: [liquid] })
 * ```
 */
export const liquid: TemplateEngine = {
  language: 'liquid',
  compile(template) {
    const compiled = engine.parse(template)
    return (values) => engine.renderSync(compiled, values)
  },
}
