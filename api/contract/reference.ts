import { RegistryError } from './errors.ts'
import { type PromptId, parsePromptId } from './prompt-id.ts'
import { parseVersionName, type VersionName } from './version-name.ts'

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

/** Formats a reference as `id@pin`. */
export function formatReference(reference: Reference): string {
  return reference.pin === undefined ? reference.id : `${reference.id}@${reference.pin}`
}
