import Handlebars from 'handlebars'
import type { Json } from '../../api/contract/version.ts'
import type { TemplateEngine } from '../rendering/engine.ts'

/** Nothing writes logs or defines templates in a template. */
const environment = Handlebars.create()
environment.registerHelper('log', () => {
  throw new Error('Missing helper: "log"')
})
environment.unregisterDecorator('inline')
// The helpers of dotprompt that need nothing but values.
environment.registerHelper('json', (value: Json) => JSON.stringify(value))
environment.registerHelper('ifEquals', function (this: unknown, one: Json, other: Json, options) {
  return one === other ? options.fn(this) : options.inverse(this)
})
environment.registerHelper('unlessEquals', function (this: unknown, one: Json, other: Json, options) {
  return one === other ? options.inverse(this) : options.fn(this)
})

const SAFE = { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false }

/**
 * Handlebars, without HTML escaping, partials and prototypes. Loops have no bound but their values.
 *
 * @example
 * ```ts
 * import { handlebars } from '@prompt-registry/client/handlebars'
 * const client = new PromptRegistryClient({ engines: [handlebars] })
 * ```
 */
export const handlebars: TemplateEngine = {
  language: 'handlebars',
  compile(template) {
    const run = environment.compile(template, { noEscape: true })
    return (values) => run(values, SAFE)
  },
}
