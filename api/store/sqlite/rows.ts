import type { Status } from '../../contract/version.ts'
import type { PromptListing } from '../prompt-store.ts'
import type { Head, NameClaim, VersionRecord } from '../records.ts'

/** The columns of `prompts` in sqlite.sql. Rows of our own database are trusted. */
export type PromptRow = {
  id_key: string
  id: string
  revision: number
  stable: string | null
  withdrawn: string | null
  latest: string | null
  owner: string | null
  hold: string | null
  highest: string | null
  fences: string
  version_count: number
  archived: number
  retired: string | null
  created_at: string
  updated_at: string
}

/** The columns of `versions`. */
export type VersionRow = {
  prompt: string
  label: string
  ordinal: number
  status: string
  identity: string
  content_sha256: string
  variables: string | null
  config: string | null
  description: string | null
  tags: string
  aliases: string
  origin: string | null
  release: string | null
  promoted_over: string | null
  created_at: string
  updated_at: string
  released_at: string | null
}

/** The columns of `names`. */
export type NameRow = {
  prompt: string
  key: string
  name: string
  label: string
  release: string | null
  release_key: string | null
}

export type ListingRow = PromptRow & {
  latest_status: string | null
  description: string | null
  tags: string | null
}

export type EventRow = { prompt: string; sequence: number; event: string }

const parsed = (text: string | null) => (text === null ? null : JSON.parse(text))
const json = (value: unknown) => (value === null ? null : JSON.stringify(value))

export function headOf(row: PromptRow): Head {
  return {
    promptId: row.id,
    revision: row.revision,
    stable: row.stable,
    withdrawn: row.withdrawn,
    latest: row.latest,
    owner: row.owner,
    hold: parsed(row.hold),
    highest: parsed(row.highest),
    fences: parsed(row.fences),
    versionCount: row.version_count,
    ...(row.archived === 1 && { archived: true }),
    ...(row.retired !== null && { retired: row.retired }),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

export function headValues(key: string, head: Head): PromptRow {
  return {
    id_key: key,
    id: head.promptId,
    revision: head.revision,
    stable: head.stable,
    withdrawn: head.withdrawn,
    latest: head.latest,
    owner: head.owner,
    hold: json(head.hold),
    highest: json(head.highest),
    fences: JSON.stringify(head.fences),
    version_count: head.versionCount,
    archived: head.archived === true ? 1 : 0,
    retired: head.retired ?? null,
    created_at: head.createdAt,
    updated_at: head.updatedAt,
  }
}

export function versionOf(row: VersionRow): VersionRecord {
  return {
    label: row.label,
    order: row.ordinal,
    status: row.status as Status,
    identity: row.identity,
    contentSha256: row.content_sha256,
    variables: parsed(row.variables),
    config: parsed(row.config),
    description: row.description,
    tags: parsed(row.tags),
    aliases: parsed(row.aliases),
    origin: parsed(row.origin),
    release: row.release,
    promotedOver: row.promoted_over,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    releasedAt: row.released_at,
  }
}

export function versionValues(key: string, version: VersionRecord): VersionRow {
  return {
    prompt: key,
    label: version.label,
    ordinal: version.order,
    status: version.status,
    identity: version.identity,
    content_sha256: version.contentSha256,
    variables: json(version.variables),
    config: json(version.config),
    description: version.description,
    tags: JSON.stringify(version.tags),
    aliases: JSON.stringify(version.aliases),
    origin: json(version.origin),
    release: version.release,
    promoted_over: version.promotedOver,
    created_at: version.createdAt,
    updated_at: version.updatedAt,
    released_at: version.releasedAt,
  }
}

export function nameOf(row: NameRow): NameClaim {
  return { key: row.key, name: row.name, label: row.label, release: row.release }
}

export function listingOf(row: ListingRow): PromptListing {
  return {
    head: headOf(row),
    latestStatus: row.latest_status as Status | null,
    description: row.description,
    tags: parsed(row.tags) ?? [],
  }
}
