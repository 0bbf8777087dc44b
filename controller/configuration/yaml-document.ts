import { parseDocument } from 'yaml'
import type { z } from 'zod'

/** A configuration that cannot be used; `message` says where and what to write instead. */
export class ConfigError extends Error {
  readonly code = 'invalid_config'

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'ConfigError'
  }
}

/** Reads YAML that follows a schema. `file` is only for messages. Throws `ConfigError`, with every flaw's place. */
export function readYaml<S extends z.ZodType>(text: string, schema: S, file: string): z.output<S> {
  const document = parseDocument(text)
  const [flaw] = document.errors
  if (flaw !== undefined)
    throw new ConfigError(`${file} is not valid YAML: ${flaw.message.split('\n')[0]?.replace(/:$/, '')}.`)
  const parsed = schema.safeParse(withoutEmptyKeys(plainValue(document, file)))
  if (!parsed.success)
    throw new ConfigError(`${file}: ${parsed.error.issues.flatMap((issue) => issueTexts(issue)).join('; ')}`)
  return parsed.data
}

function plainValue(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS() ?? {}
  } catch (cause) {
    throw new ConfigError(`${file} cannot be used: its YAML aliases multiply; write the values out.`, {
      cause,
    })
  }
}

/** A key whose entries are all commented out is as good as absent. */
function withoutEmptyKeys(document: unknown): unknown {
  if (document === null || typeof document !== 'object' || Array.isArray(document)) return document
  return Object.fromEntries(Object.entries(document).filter(([, value]) => value !== null))
}

/** Every flaw with its place. Of a choice, the flaws of the kind that was most likely meant. */
function issueTexts(issue: z.core.$ZodIssue, above: readonly PropertyKey[] = []): string[] {
  const steps = [...above, ...issue.path]
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const strangers = (issues: readonly z.core.$ZodIssue[]) =>
      issues.filter(({ code }) => code === 'unrecognized_keys').length
    const [likeliest = []] = [...issue.errors].sort(
      (a, b) => strangers(a) - strangers(b) || a.length - b.length,
    )
    return likeliest.flatMap((inner) => issueTexts(inner, steps))
  }
  const path = steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  return [`${path === '' ? 'the document' : path.slice(1)}: ${issue.message}`]
}
