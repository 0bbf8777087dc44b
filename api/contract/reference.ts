import { RegistryError } from './errors.ts'
import { type PromptId, parsePromptId, promptIdProblem, ROUTE_WORDS } from './prompt-id.ts'
import { parseVersionName, type VersionName, versionNameProblem } from './version-name.ts'

/** How an agent names a prompt: `id`, `id@pin` or `id_vN[.N[.N]]`. */
export interface Reference {
  readonly id: PromptId
  /** A label or an alias, compared by `versionNameKey`. Exact, never a range. */
  readonly pin?: VersionName
}

const UNDERSCORE_PIN = /^(?<id>.+)_v(?<pin>\d+(?:\.\d+){0,2})$/

/** Throws `invalid_reference`, `invalid_prompt_id`, `invalid_version`. */
export function parseReference(text: string): Reference {
  const at = text.indexOf('@')
  if (at !== -1) {
    const pin = text.slice(at + 1)
    if (pin === '') {
      throw new RegistryError(
        'invalid_reference',
        `The reference "${text}" ends in "@"; write a version after it, or leave the "@" out.`,
      )
    }
    return { id: parsePromptId(text.slice(0, at)), pin: parseVersionName(pin) }
  }
  const underscored = UNDERSCORE_PIN.exec(text)?.groups
  if (underscored?.id !== undefined && underscored.pin !== undefined) {
    return { id: parsePromptId(underscored.id), pin: underscored.pin }
  }
  return { id: parsePromptId(text) }
}

/**
 * Other ways to read a reference, with ids that no prompt can get. Rows that Terraform seeded may have them. The whole
 * text comes last.
 */
export function seededReferences(text: string): Reference[] {
  const at = text.lastIndexOf('@')
  const pin = text.slice(at + 1)
  const underscored = UNDERSCORE_PIN.exec(text)?.groups
  return [
    ...(at > 0 && versionNameProblem(pin) === undefined ? [{ id: text.slice(0, at), pin }] : []),
    ...(underscored?.id !== undefined && underscored.pin !== undefined
      ? [{ id: underscored.id, pin: underscored.pin }]
      : []),
    { id: text },
  ].filter(({ id }) => maySeed(id))
}

/** Rows of the registry itself start with "#". DynamoDB limits keys to 2,048 bytes. */
function maySeed(id: string): boolean {
  const isKey = /^[^#]/.test(id) && id.length <= MOST_SEEDED && id.isWellFormed() && !id.includes('\0')
  return isKey && promptIdProblem(id) !== undefined
}

const MOST_SEEDED = 600

/**
 * Reads a reference for a request, also if its id is one that only a seeded row can have. Throws `invalid_reference`,
 * `invalid_prompt_id`, `invalid_version` if it is neither, or if a path cannot contain it.
 */
export function parseRequestReference(text: string): Reference {
  try {
    return parseReference(text)
  } catch (error) {
    const other = seededReferences(text).find(({ id }) => !id.includes('@') && isPath(id))
    if (other === undefined) throw error
    return other
  }
}

/** Whether a path can contain the id without becoming that of another route. */
export function isPath(id: PromptId): boolean {
  const segments = id.split('/')
  const isSafe = segments.every((segment) => !['', '.', '..'].includes(segment))
  return isSafe && !/[\p{C}\\%?"]/u.test(id) && !ROUTE_WORDS.includes(segments.at(-1) ?? '')
}

/** Formats a reference as `id@pin`. */
export function formatReference(reference: Reference): string {
  return reference.pin === undefined ? reference.id : `${reference.id}@${reference.pin}`
}
