import type { TemplateLanguage } from '../../api/contract/reading/template-language.ts'
import type { Checked } from './values.ts'

/**
 * A template language from another package. Stateless.
 *
 * @example
 * ```ts
 * const shout: TemplateEngine = { language: 'jinja', compile: (template) => () => template.toUpperCase() }
 * ```
 */
export interface TemplateEngine {
  readonly language: TemplateLanguage
  /** Compiles a template. Both functions throw if the template cannot be rendered. */
  compile(template: string): (values: Checked) => string
}
