import { RegistryError } from './errors.ts'

/** A label or an alias. Both share one namespace per prompt, in which `versionNameKey` compares names. */
export type VersionName = string

const NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$/
const NUMERIC_PARTS = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?(?=$|[-+])/
const RESERVED: readonly string[] = ['stable', 'latest']

/** Explains why `text` cannot name a version; `undefined` if it can. */
export function versionNameProblem(text: string): string | undefined {
  if (RESERVED.includes(text.toLowerCase())) {
    return `"${text}" is a reserved word and cannot name a version.`
  }
  if (NAME.test(text)) return undefined
  return `"${text.slice(0, 140)}" cannot name a version: a name has 1 to 128 letters, digits, ".", "_", "+" or "-", and starts with a letter or digit.`
}

/** Throws `invalid_version`. */
export function parseVersionName(text: string): VersionName {
  const problem = versionNameProblem(text)
  if (problem !== undefined) throw new RegistryError('invalid_version', problem)
  return text
}

/**
 * The form in which names are compared: without a leading `v` before a digit, and with one to three numeric parts
 * padded to three. So `v1.3`, `1.3` and `1.3.0` are one name. Exact, never a range.
 */
export function versionNameKey(name: VersionName): string {
  const bare = name.replace(/^v(?=\d)/, '')
  return bare.replace(
    NUMERIC_PARTS,
    (_all, major, minor, patch) => `${major}.${minor ?? '0'}.${patch ?? '0'}`,
  )
}
