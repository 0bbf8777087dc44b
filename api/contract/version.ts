import { hash } from 'node:crypto'
import { type FolderFile, SKILL_FILE } from './folder-files.ts'
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
  /** The other files of its folder. */
  readonly files?: readonly FolderFile[] | null | undefined
}

/** Fields that a repository's layout adds to a prompt file without its own, or sets instead of it. */
export interface Additions {
  readonly description?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly format?: Format | undefined
  readonly templateLanguage?: TemplateLanguage | undefined
}

/** Files beside a prompt file that belong to its prompt, such as settings. */
export interface Sidecars {
  /** The name of the prompt file. */
  readonly main: string
  /** At least one, by name. */
  readonly texts: Readonly<Record<string, string>>
}

/** A version without a file: the push contains everything. */
export interface BareVersion extends Payload {
  readonly description?: string | null | undefined
  readonly tags?: readonly string[] | null | undefined
}

/** Lower-case hex SHA-256 of the UTF-8 bytes. */
export function sha256(text: string): string {
  return hash('sha256', text, 'hex')
}

/** Equal for two versions if the model receives the same from both. `contentSha256`: if it is known. */
export function payloadSha256(
  { content, variables, config, templateLanguage, files }: Payload,
  contentSha256?: string,
): string {
  const rest = { variables, config, template_language: templateLanguage }
  return hashOf(content, { ...rest, files: files == null ? null : hashesOf(files) }, contentSha256)
}

/** The files that make up a version besides its prompt file. */
export interface FilesBeside {
  readonly sidecars: Sidecars | null
  /** The other files of its skill folder; `null` if there are none. */
  readonly files: readonly FolderFile[] | null
}

/** The hash of a prompt file with the files that belong to it, by path: that of the file alone if it has none. */
export function filesSha256(fileSha256: string, { sidecars, files }: FilesBeside): string {
  if (sidecars === null && files === null) return fileSha256
  const texts = Object.entries(sidecars?.texts ?? {})
  const hashes = Object.fromEntries(texts.map(([name, text]) => [name, sha256(text)]))
  const main = sidecars?.main ?? SKILL_FILE
  return sha256(canonicalJson({ ...hashesOf(files ?? []), ...hashes, [main]: fileSha256 }))
}

function hashesOf(files: readonly FolderFile[]): Record<string, string> {
  return Object.fromEntries(files.map(({ path, sha256 }) => [path, sha256]))
}

/** The identity of a version with a file: its `filesSha256`, unless the layout adds something. */
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

function hashOf(
  content: string,
  more: Readonly<Record<string, Json | undefined>>,
  contentSha256?: string,
): string {
  const rest = given(more)
  if (Object.keys(rest).length === 0) return contentSha256 ?? sha256(content)
  return sha256(canonicalJson({ content, ...rest }))
}

function given(fields: Readonly<Record<string, Json | undefined>>): Record<string, Json> {
  const entries = Object.entries(fields).filter((entry): entry is [string, Json] => !isNothing(entry[1]))
  return Object.fromEntries(entries)
}
