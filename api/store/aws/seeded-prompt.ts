import { compareReleases, higherRelease, parseRelease, type Release } from '../../contract/release.ts'
import { STATUSES, type Status } from '../../contract/version.ts'
import { type VersionName, versionNameKey, versionNameProblem } from '../../contract/version-name.ts'
import type { NameClaim, VersionRecord } from '../records.ts'
import { releaseKey } from '../release-key.ts'
import { type Row, text, textKey } from './keys.ts'
import type { SeenRow } from './writes.ts'

/** A version as described by a row that is not ours. */
export interface SeededVersion {
  readonly version: VersionName
  readonly order: number
  /** At most one version of a prompt is `stable`, regardless of the rows. */
  readonly status: Status
  readonly s3Key: string
  readonly description: string | null
  readonly tags: readonly string[]
  readonly createdAt: string | null
  readonly updatedAt: string | null
  readonly seen: SeenRow
}

/** A prompt that exists only as rows of Terraform or of the previous registry. */
export interface SeededPrompt {
  readonly id: string
  /** In order; the last one is the latest. At least one. */
  readonly versions: readonly SeededVersion[]
  readonly stable: SeededVersion | null
}

/** Derives a prompt from its rows. Pure; the content is read elsewhere. */
export function seededPrompt(id: string, rows: readonly Row[]): SeededPrompt {
  const ordered = rows.map((row) => ({ row, place: placeOf(row) })).sort((a, b) => compare(a.place, b.place))
  const last = ordered.findLastIndex(({ row }) => statusOf(row) === 'stable')
  const versions = ordered.map(({ row }, index): SeededVersion => {
    const version = text(row.version) ?? ''
    const status = statusOf(row)
    return {
      version,
      order: index + 1,
      status: status === 'stable' && index !== last ? 'deprecated' : status,
      s3Key: text(row.s3_key) || textKey(id, version),
      description: text(row.description) || null,
      tags: tagsOf(row),
      createdAt: timeOf(row.created_at),
      updatedAt: timeOf(row.updated_at),
      seen: { status: row.status, s3Key: row.s3_key },
    }
  })
  return { id, versions, stable: versions[last] ?? null }
}

/** A name of a seeded version. The identity is not known without the content. */
export type SeededClaim = Omit<NameClaim, 'identity'>

/** The names of seeded versions. If two labels are the same name, the stable version has it, else the first. */
export function claimsOf({ versions, stable }: SeededPrompt): SeededClaim[] {
  const claims = new Map<string, SeededClaim>()
  for (const { version } of stable === null ? versions : [stable, ...versions]) {
    const key = versionNameKey(version)
    if (versionNameProblem(version) !== undefined || claims.has(key)) continue
    claims.set(key, { key, name: version, version, release: parseRelease(version) ?? null })
  }
  return [...claims.values()]
}

/** The name of a version, if its label is a valid name. */
export function claimsOfLabel({ version, identity }: VersionRecord): NameClaim[] {
  if (versionNameProblem(version) !== undefined) return []
  return [
    {
      key: versionNameKey(version),
      name: version,
      version,
      identity,
      release: parseRelease(version) ?? null,
    },
  ]
}

/** The released version with the highest release. */
export function highestOf({ versions, stable }: SeededPrompt): SeededVersion | null {
  let highest: Release | undefined
  let found: SeededVersion | null = null
  for (const version of stable === null ? versions : [...versions, stable]) {
    const release = parseRelease(version.version)
    if (release === undefined || version.status === 'draft') continue
    if (highest !== undefined && compareReleases(release, highest) < 0) continue
    highest = higherRelease(release, highest)
    found = version
  }
  return found
}

/** Orders semantic versions after all other labels, which are ordered by time. `1.2` counts as `1.2.0` here. */
function placeOf(row: Row): readonly string[] {
  const version = text(row.version) ?? ''
  const release = parseRelease(versionNameKey(version))
  return [release === undefined ? '' : releaseKey(release), timeOf(row.created_at) ?? '', version]
}

function compare(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((part, index) => part !== b[index])
  return at === -1 ? 0 : (a[at] ?? '') < (b[at] ?? '') ? -1 : 1
}

/** Treats an unknown status as a draft, so that only readers of drafts see the version. */
function statusOf(row: Row): Status {
  const status = text(row.status)?.toLowerCase()
  return STATUSES.find((known) => known === status) ?? 'draft'
}

/** Tags as a list, a set, JSON or comma-separated words. */
function tagsOf({ tags }: Row): string[] {
  if (tags?.SS !== undefined) return [...tags.SS].sort()
  if (tags?.L !== undefined) return tags.L.flatMap((tag) => text(tag) ?? [])
  const written = text(tags)
  if (written === undefined) return []
  if (written.trimStart().startsWith('[')) return tagsOfJson(written)
  return written
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
}

function tagsOfJson(written: string): string[] {
  try {
    const parsed: unknown = JSON.parse(written)
    return Array.isArray(parsed) ? parsed.filter((tag) => typeof tag === 'string') : []
  } catch {
    return []
  }
}

/** A time in ISO 8601, or in seconds since the epoch; `null` if it is invalid. */
function timeOf(value: Row[string] | undefined): string | null {
  const time = new Date(value?.N === undefined ? Date.parse(text(value) ?? '') : Number(value.N) * 1000)
  return Number.isNaN(time.getTime()) ? null : time.toISOString()
}
