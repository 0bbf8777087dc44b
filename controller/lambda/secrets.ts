import { z } from 'zod'
import { ConfigError } from '../configuration/config.ts'

/** Where a secret is stored: an ARN of Secrets Manager or SSM, or the name of an SSM parameter. */
export interface SecretReference {
  readonly store: 'secrets-manager' | 'parameter'
  readonly id: string
  /** The key to read, if the secret is a JSON object. */
  readonly key: string | undefined
}

/** By the variable's name in the configuration. */
export type SecretReferences = ReadonlyMap<string, SecretReference>

const ReferencesSchema = z.record(z.string(), z.string().min(1))

/** Parses `PROMPT_CONTROLLER_SECRETS`, a JSON object of variables and references. Throws `ConfigError`. */
export function readReferences(text: string | undefined): SecretReferences {
  if (text === undefined || text === '') return new Map()
  try {
    const references = ReferencesSchema.parse(JSON.parse(text))
    return new Map(Object.entries(references).map(([name, value]) => [name, parseReference(value)]))
  } catch (cause) {
    throw new ConfigError(
      'PROMPT_CONTROLLER_SECRETS must be a JSON object of variables and references, such as {"SUPPORT_TOKEN": "arn:aws:secretsmanager:..."}.',
      { cause },
    )
  }
}

/** `<ARN of a secret>`, `<ARN of a secret>#<key>`, `<ARN of a parameter>` or `<name of a parameter>`. */
function parseReference(text: string): SecretReference {
  if (!/^arn:[^:]+:secretsmanager:/.test(text)) return { store: 'parameter', id: text, key: undefined }
  const [id = '', key] = text.split('#')
  return { store: 'secrets-manager', id, key }
}

export interface SecretsParts {
  readonly references: SecretReferences
  /** Reads the whole secret at a reference, regardless of its key. */
  readonly read: (reference: SecretReference) => Promise<string>
  /** How long to cache a value, in milliseconds. Limits how late a rotation takes effect. */
  readonly keepMs: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Reads the values of the variables that have a reference. Throws `ConfigError`, never with a value in it. */
export type ReadSecrets = (variables: readonly string[]) => Promise<Readonly<Record<string, string>>>

export function createSecrets({ references, read, keepMs, now }: SecretsParts): ReadSecrets {
  const known = new Map<string, { readonly value: string; readonly readAt: number }>()
  const current = async (variable: string, reference: SecretReference): Promise<string> => {
    const before = known.get(variable)
    if (before !== undefined && now() - before.readAt < keepMs) return before.value
    try {
      const value = partOf(await read(reference), reference.key)
      known.set(variable, { value, readAt: now() })
      return value
    } catch (error) {
      // The cached value is most likely still valid.
      if (before !== undefined) return before.value
      throw unreadable(variable, reference, error)
    }
  }
  return async (variables) => {
    const wanted = [...new Set(variables)].flatMap((variable) => {
      const reference = references.get(variable)
      return reference === undefined ? [] : [current(variable, reference).then((value) => [variable, value])]
    })
    return Object.fromEntries(await Promise.all(wanted))
  }
}

class KeyError extends Error {}

function partOf(text: string, key: string | undefined): string {
  if (key === undefined) return text
  let fields: unknown
  try {
    fields = JSON.parse(text)
  } catch {
    // The error of JSON.parse quotes its input.
    throw new KeyError('it is not a JSON object')
  }
  const value = fields !== null && typeof fields === 'object' ? Reflect.get(fields, key) : undefined
  if (typeof value !== 'string' || value === '') throw new KeyError(`it has no string under "${key}"`)
  return value
}

/** Includes only the name of the store's error, because its message may quote a value. */
function unreadable(variable: string, { id }: SecretReference, error: unknown): ConfigError {
  const reason =
    error instanceof KeyError ? error.message : error instanceof Error ? error.name : 'unknown reason'
  return new ConfigError(
    `The secret ${variable} cannot be read from ${id}: ${reason}. Check that it exists and that the function's role can read it.`,
  )
}
