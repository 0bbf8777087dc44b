import { createHash } from 'node:crypto'
import type { VersionName } from './version-name.ts'

export const STATUSES = ['draft', 'stable', 'deprecated', 'revoked'] as const
/**
 * `draft`: never released. `stable`: the one served; at most one per prompt. `deprecated`: released earlier.
 * `revoked`: never served again, in any mode.
 */
export type Status = (typeof STATUSES)[number]

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** What a version is; immutable together. */
export interface VersionBody {
  readonly content: string
  /** Declared inputs: names, or names with what is known of them. */
  readonly variables?: Json | undefined
  readonly config?: Json | undefined
}

/** Lower-case hex SHA-256 of a text's UTF-8 bytes. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}

/**
 * The SHA-256 that two versions share exactly when they are the same: of the content alone where there are no
 * variables and no config, else of their canonical JSON. Empty ones count as none.
 */
export function versionIdentity(body: VersionBody): string {
  const variables = isNothing(body.variables) ? undefined : body.variables
  const config = isNothing(body.config) ? undefined : body.config
  if (variables === undefined && config === undefined) return sha256(body.content)
  return sha256(
    canonicalJson({
      content: body.content,
      ...(variables !== undefined && { variables }),
      ...(config !== undefined && { config }),
    }),
  )
}

/** The label of a version that was pushed without one: the first 12 hex digits of its identity. */
export function identityLabel(identity: string): VersionName {
  return identity.slice(0, 12)
}

/** `null`, `[]` and `{}` declare nothing, so a version with them is the version without them. */
export function isNothing(value: Json | undefined): boolean {
  if (value === undefined || value === null) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** JSON with the keys of every object sorted by code units and no white space. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const entries = Object.entries(value as { readonly [key: string]: Json }).sort(([a], [b]) =>
    a < b ? -1 : 1,
  )
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`
}
