/**
 * How placeholders are written in the text of a prompt.
 * - `simple`: `{{name}}` and `{{a.b}}`, nothing else.
 * - `f-string`: `{name}`, as in Python.
 * - `semantic-kernel`: `{{$name}}`.
 * - `handlebars`, `jinja`, `liquid`: the template languages of these names.
 */
export const TEMPLATE_LANGUAGES = [
  'simple',
  'f-string',
  'semantic-kernel',
  'handlebars',
  'jinja',
  'liquid',
] as const
export type TemplateLanguage = (typeof TEMPLATE_LANGUAGES)[number]
