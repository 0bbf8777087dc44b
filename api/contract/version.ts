import { createHash } from 'node:crypto'
import type { Format } from './reading/format.ts'
import type { TemplateLanguage } from './reading/template-language.ts'
import type { VersionName } from './version-name.ts'

export { STATUSES, type Status } from './status.ts'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** The part of a version that the model receives. Holds and the mass-change guard compare only this. */
export interface Payload {
  readonly content: string
  /** Declared inputs, as written in the file. */
  readonly variables?: Json | null | undefined
  readonly config?: Json | null | undefined
  readonly templateLanguage?: TemplateLanguage | null | undefined
}

/** Metadata that a repository's layout adds to a prompt file without its own, or sets instead of it. */
export interface Additions {
  readonly description?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly format?: Format | undefined
  readonly templateLanguage?: TemplateLanguage | undefined
}

/** A version without a file: the push contains everything. */
export interface BareVersion extends Payload {
  readonly description?: string | null | undefined
  readonly tags?: readonly string[] | null | undefined
}

/** Lower-case hex SHA-256 of the UTF-8 bytes. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}

/** Equal for two versions if the model receives the same from both. */
export function payloadSha256({ content, variables, config, templateLanguage }: Payload): string {
  return hashOf(content, { variables, config, template_language: templateLanguage })
}

/** The identity of a version with a file: its SHA-256, unless the layout adds something. */
export function fileIdentity(fileSha256: string, additions: Additions | null = null): string {
  const added = given({ ...additions })
  if (Object.keys(added).length === 0) return fileSha256
  return sha256(canonicalJson({ file_sha256: fileSha256, additions: added }))
}

/** The identity of a version without a file. Covers only the content if there is nothing else. */
export function bareIdentity({ content, ...rest }: BareVersion): string {
  const { variables, config, description, tags } = rest
  return hashOf(content, { variables, config, description, tags })
}

/** The default label of a version: the first 12 hex digits of its identity. */
export function identityLabel(identity: string): VersionName {
  return identity.slice(0, LABEL_DIGITS)
}

/** Whether a label looks like the start of an identity. */
export function isIdentityLabel(label: VersionName): boolean {
  return label.length === LABEL_DIGITS && /^[0-9a-f]+$/.test(label)
}

const LABEL_DIGITS = 12

/** `null`, `[]` and `{}` declare nothing; they don't change a version. */
export function isNothing(value: Json | undefined): boolean {
  if (value === undefined || value === null) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** JSON with object keys sorted by code units and no white space. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const entries = Object.entries(value as { readonly [key: string]: Json }).sort(([a], [b]) =>
    a < b ? -1 : 1,
  )
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`
}

function hashOf(content: string, more: Readonly<Record<string, Json | undefined>>): string {
  const rest = given(more)
  return Object.keys(rest).length === 0 ? sha256(content) : sha256(canonicalJson({ content, ...rest }))
}

function given(fields: Readonly<Record<string, Json | undefined>>): Record<string, Json> {
  const entries = Object.entries(fields).filter((entry): entry is [string, Json] => !isNothing(entry[1]))
  return Object.fromEntries(entries)
}
