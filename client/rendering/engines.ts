import type { TemplateLanguage } from '../../api/contract/reading/template-language.ts'
import type { BuiltIn } from './built-in.ts'
import type { TemplateEngine } from './engine.ts'
import { PromptRenderError } from './render-error.ts'

const BUILT_IN: readonly (TemplateLanguage | null)[] = [null, 'simple', 'f-string', 'semantic-kernel']

export type Chosen =
  | { readonly language: BuiltIn; readonly engine?: undefined }
  | { readonly language: null; readonly engine: TemplateEngine }

/** What renders a language. An engine that is passed comes before a built-in language. Throws `no_engine`. */
export function chooseEngine(language: TemplateLanguage | null, engines: readonly TemplateEngine[]): Chosen {
  const engine = engines.find((one) => one.language === language)
  if (engine !== undefined) return { language: null, engine }
  if (isBuiltIn(language)) return { language }
  throw new PromptRenderError(
    'no_engine',
    `The prompt is a template in ${language}. Import { ${language} } from "@prompt-registry/client/${language}" and pass it in engines.`,
  )
}

function isBuiltIn(language: TemplateLanguage | null): language is BuiltIn {
  return BUILT_IN.includes(language)
}
