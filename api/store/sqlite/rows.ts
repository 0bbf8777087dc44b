import type { Format } from '../../contract/reading/format.ts'
import type { TemplateLanguage } from '../../contract/reading/template-language.ts'
import type { RevocationScope, SetBy } from '../../contract/registry-api.ts'
import type { Status } from '../../contract/version.ts'
import type { ListedVersion, PromptListing } from '../prompt-store.ts'
import type { Head, NameClaim, VersionRecord } from '../records.ts'
import { fromStored, fromStoredReleases, toStoredHead } from '../stored-label.ts'
import type { PROMPT_COLUMNS, RowOf, VERSION_COLUMNS } from './columns.ts'
import type { ListingRow } from './listing-rows.ts'

/** Rows of our own database are not validated. */
export type StoredPromptRow = RowOf<typeof PROMPT_COLUMNS>

export type StoredVersionRow = RowOf<typeof VERSION_COLUMNS>

/** The columns of `names`. */
export type NameRow = {
  prompt: string
  key: string
  name: string
  label: string
  identity: string
  release: string | null
  release_key: string | null
}

export type EventRow = { position: number; prompt: string; sequence: number; event: string }

const EMPTY_LIST: readonly never[] = Object.freeze([])
const EMPTY_OBJECT = Object.freeze({})

/** The value of a column with JSON. Most are empty, and a list has five of them in each row. */
export function parsed(text: string | null) {
  if (text === null) return null
  if (text === '[]') return EMPTY_LIST
  return text === '{}' ? EMPTY_OBJECT : JSON.parse(text)
}

const json = (value: unknown) => (value === null ? null : JSON.stringify(value))

export function headOf(row: StoredPromptRow): Head {
  const { rolledBack, highest } = fromStoredReleases(parsed(row.rolled_back), parsed(row.highest))
  const head: Head = {
    promptId: row.id,
    revision: row.revision,
    stable: row.stable,
    stableBy: row.stable_by as SetBy | null,
    withdrawn: row.withdrawn,
    latest: row.latest,
    latestBy: row.latest_by as SetBy | null,
    owner: row.owner,
    hold: parsed(row.hold),
    rolledBack,
    highest,
    fences: parsed(row.fences),
    versionCount: row.version_count,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
  const { archived, moved_to: movedTo, retired, deleted } = row
  // Most prompts are none of these, and a list has thousands of prompts.
  if (archived !== 1 && retired === null && deleted === null) return head
  return {
    ...head,
    ...(archived === 1 && { archived: true }),
    ...(movedTo !== null && { movedTo }),
    ...(retired !== null && { retired }),
    ...(deleted !== null && { deleted: parsed(deleted) }),
  }
}

export function headValues(key: string, head: Head, latestStatus: Status | null): StoredPromptRow {
  const { rolledBack, highest } = toStoredHead(head)
  return {
    id_key: key,
    id: head.promptId,
    revision: head.revision,
    stable: head.stable,
    stable_by: head.stableBy,
    withdrawn: head.withdrawn,
    latest: head.latest,
    latest_status: latestStatus,
    latest_by: head.latestBy,
    owner: head.owner,
    hold: json(head.hold),
    rolled_back: JSON.stringify(rolledBack),
    highest: json(highest),
    fences: JSON.stringify(head.fences),
    version_count: head.versionCount,
    archived: head.archived === true ? 1 : 0,
    retired: head.retired ?? null,
    deleted: json(head.deleted ?? null),
    created_at: head.createdAt,
    updated_at: head.updatedAt,
    moved_to: head.movedTo ?? null,
  }
}

export function versionOf(row: StoredVersionRow): VersionRecord {
  return {
    version: row.label,
    order: row.ordinal,
    status: row.status as Status,
    identity: row.identity,
    contentSha256: row.content_sha256,
    payloadSha256: row.payload_sha256,
    fileSha256: row.file_sha256,
    format: row.format as Format,
    templateLanguage: row.template_language as TemplateLanguage | null,
    additions: parsed(row.additions),
    sidecars: parsed(row.sidecars),
    manifest: parsed(row.manifest),
    variables: parsed(row.variables),
    config: parsed(row.config),
    description: row.description,
    tags: parsed(row.tags),
    aliases: parsed(row.aliases),
    origin: parsed(row.origin),
    release: row.release,
    waiting: parsed(row.waiting),
    revokedScope: row.revoked_scope as RevocationScope | null,
    promotedOver: row.promoted_over,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    releasedAt: row.released_at,
    ...(row.text_lost !== null && { textLost: true }),
  }
}

export function versionValues(key: string, version: VersionRecord): StoredVersionRow {
  return {
    prompt: key,
    label: version.version,
    ordinal: version.order,
    status: version.status,
    identity: version.identity,
    content_sha256: version.contentSha256,
    payload_sha256: version.payloadSha256,
    file_sha256: version.fileSha256,
    format: version.format,
    additions: json(version.additions),
    variables: json(version.variables),
    config: json(version.config),
    description: version.description,
    tags: JSON.stringify(version.tags),
    aliases: JSON.stringify(version.aliases),
    origin: json(version.origin),
    release: version.release,
    waiting: JSON.stringify(version.waiting),
    revoked_scope: version.revokedScope,
    promoted_over: version.promotedOver,
    created_at: version.createdAt,
    updated_at: version.updatedAt,
    released_at: version.releasedAt,
    template_language: version.templateLanguage,
    sidecars: json(version.sidecars),
    text_lost: json(version.textLost ?? null),
    manifest: json(version.manifest),
  }
}

export function nameOf(row: NameRow): NameClaim {
  const { key, name, label, identity, release } = row
  return fromStored({ key, name, label, identity, release })
}

export function listingOf(row: ListingRow): PromptListing {
  return { head: headOf(row), stable: listedOf(row, 's'), latest: listedOf(row, 'l') }
}

function listedOf(row: ListingRow, prefix: 's' | 'l'): ListedVersion | null {
  const version = row[`${prefix}_label`]
  if (version === null) return null
  return {
    version,
    status: row[`${prefix}_status`] as Status,
    identity: row[`${prefix}_identity`] ?? '',
    payloadSha256: row[`${prefix}_payload_sha256`] ?? '',
    release: row[`${prefix}_release`],
    waiting: parsed(row[`${prefix}_waiting`]),
    description: row[`${prefix}_description`],
    tags: parsed(row[`${prefix}_tags`]),
    releasedAt: row[`${prefix}_released_at`],
  }
}
