import type { Json } from '../../api/contract/version.ts'

/** An argument as MCP lists it. */
export interface PromptArgument {
  readonly name: string
  readonly description?: string
  readonly required: boolean
}

/**
 * The declared variables of a prompt as arguments: a list of names, a list of objects with `name`, or a mapping of
 * names to descriptions or objects. One is required unless it says `required: false` or has a default.
 */
export function argumentsOf(variables: Json | null): readonly PromptArgument[] {
  if (Array.isArray(variables))
    return variables.flatMap((one) => {
      if (typeof one === 'string') return [{ name: one, required: true }]
      return isFields(one) && typeof one.name === 'string' ? [argument(one.name, one)] : []
    })
  if (!isFields(variables)) return []
  return Object.entries(variables).map(([name, about]) =>
    typeof about === 'string' ? { name, description: about, required: true } : argument(name, about),
  )
}

/** The text with `{{name}}` of declared arguments replaced; everything else stays as it is. */
export function filledIn(
  text: string,
  declared: readonly PromptArgument[],
  values: Readonly<Record<string, string>>,
): string {
  const names = new Set(declared.map(({ name }) => name))
  return text.replace(/\{\{([^{}]*)\}\}/g, (all, inner: string) => {
    const name = inner.trim()
    return names.has(name) && Object.hasOwn(values, name) ? (values[name] ?? all) : all
  })
}

/** Required arguments that have no value. */
export function missingArguments(
  declared: readonly PromptArgument[],
  values: Readonly<Record<string, string>>,
): readonly string[] {
  return declared
    .filter(({ name, required }) => required && !Object.hasOwn(values, name))
    .map(({ name }) => name)
}

function argument(name: string, about: Json): PromptArgument {
  const { description, required, default: fallback } = isFields(about) ? about : {}
  return {
    name,
    ...(typeof description === 'string' && { description }),
    required: required !== false && fallback === undefined,
  }
}

function isFields(value: Json | null | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
