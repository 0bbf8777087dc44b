import { z } from 'zod'
import { ConfigError } from '../config.ts'

/** Where a secret is kept: an ARN of Secrets Manager or SSM, or the name of an SSM parameter. */
export interface SecretReference {
  readonly store: 'secrets-manager' | 'parameter'
  readonly id: string
  /** Of a secret that is a JSON object: the key whose value is meant. */
  readonly key: string | undefined
}

/** By the variable that the configuration names. */
export type SecretReferences = ReadonlyMap<string, SecretReference>

const ReferencesSchema = z.record(z.string(), z.string().min(1))

/** Reads the JSON object of `PROMPT_CONTROLLER_SECRETS`: variables, and where their values are kept. Throws `ConfigError`. */
export function readReferences(text: string | undefined): SecretReferences {
  if (text === undefined || text === '') return new Map()
  try {
    const references = ReferencesSchema.parse(JSON.parse(text))
    return new Map(Object.entries(references).map(([name, value]) => [name, parseReference(value)]))
  } catch (cause) {
    throw new ConfigError(
      'PROMPT_CONTROLLER_SECRETS is not a JSON object of variables and where their values are kept; write {"SUPPORT_TOKEN": "arn:aws:secretsmanager:..."}.',
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
  /** The text that the store has under a reference, its key aside. */
  readonly read: (reference: SecretReference) => Promise<string>
  /** How long a value is used before it is asked for again, so that a rotated one takes effect. Milliseconds. */
  readonly keepMs: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** The values of these variables; those kept nowhere are left out. Throws `ConfigError`, in which there is no value. */
export type Secrets = (variables: readonly string[]) => Promise<Readonly<Record<string, string>>>

export function createSecrets({ references, read, keepMs, now }: SecretsParts): Secrets {
  const known = new Map<string, { readonly value: string; readonly readAt: number }>()
  const current = async (variable: string, reference: SecretReference): Promise<string> => {
    const before = known.get(variable)
    if (before !== undefined && now() - before.readAt < keepMs) return before.value
    try {
      const value = partOf(await read(reference), reference.key)
      known.set(variable, { value, readAt: now() })
      return value
    } catch (error) {
      // What was good a while ago most likely still is.
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
    // Its own error quotes what it could not read.
    throw new KeyError('it is no JSON object')
  }
  const value = fields !== null && typeof fields === 'object' ? Reflect.get(fields, key) : undefined
  if (typeof value !== 'string' || value === '') throw new KeyError(`it has no text under "${key}"`)
  return value
}

/** Names the variable and the place, and no more of the store's error than its name: messages may quote values. */
function unreadable(variable: string, { id }: SecretReference, error: unknown): ConfigError {
  const reason =
    error instanceof KeyError ? error.message : error instanceof Error ? error.name : 'unknown reason'
  return new ConfigError(
    `The secret ${variable} cannot be read from ${id}: ${reason}. Check that it is there, and that the function's role may read it.`,
  )
}
