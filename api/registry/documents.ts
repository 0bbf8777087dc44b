import type { PromptReading } from '../contract/reading/prompt-reading.ts'
import type {
  FoundVersion,
  HoldDocument,
  LeaseDocument,
  PromptRow,
  ResolvedPrompt,
  SourceDocument,
  SummaryRow,
  VersionRow,
} from '../contract/registry-api.ts'
import type { Release } from '../contract/release.ts'
import { releaseOf, statusOf } from '../contract/release-line.ts'
import type { PromptListing, PromptSummary } from '../store/prompt-store.ts'
import type { Head, Hold, Snapshot, VersionRecord } from '../store/records.ts'
import type { SetPointer } from '../store/set-records.ts'
import type { SourceRecord } from '../store/source-records.ts'

/** Converts records of the store to documents of the API. */

export function holdDocument(hold: Hold | null): HoldDocument | null {
  if (hold === null) return null
  const { kind, since, actor, reason, rolledBackFrom, above } = hold
  return { kind, since, actor, reason, rolled_back_from: rolledBackFrom, above }
}

export function summaryRow({ head, stable, latest }: PromptSummary): SummaryRow {
  const highest = head.highest?.release ?? null
  const shown = latest ?? stable
  return {
    prompt_id: head.promptId,
    stable: head.stable,
    stable_release: stable && releaseOf(stable, highest),
    stable_released_at: stable?.releasedAt ?? null,
    stable_by: head.stableBy,
    latest: head.latest,
    latest_status: latest && statusOf(latest, highest),
    highest_release: highest,
    source: head.owner,
    hold: holdDocument(head.hold),
    archived: head.archived ?? false,
    retired: head.retired ?? null,
    description: shown?.description ?? null,
    tags: [...(shown?.tags ?? [])],
    updated_at: head.updatedAt,
  }
}

export function promptRow(listing: PromptListing | Snapshot): PromptRow {
  const { head, stable, latest } = listing
  return {
    ...summaryRow(listing),
    stable_identity: stable?.identity ?? null,
    stable_payload_sha256: stable?.payloadSha256 ?? null,
    latest_identity: latest?.identity ?? null,
    latest_by: head.latestBy,
    highest_identity: head.highest?.identity ?? null,
    rolled_back: head.rolledBack.map(({ version, payloadSha256 }) => ({
      version,
      payload_sha256: payloadSha256,
    })),
    moved_to: head.movedTo ?? null,
    deleted: head.deleted !== undefined,
    revision: head.revision,
    created_at: head.createdAt,
  }
}

export function versionRow(version: VersionRecord, { highest }: Head): VersionRow {
  return {
    version: version.version,
    ...standingOf(version, highest?.release ?? null),
    aliases: [...version.aliases],
    description: version.description,
    tags: [...version.tags],
    content_sha256: version.textLost ? null : version.contentSha256,
    identity: version.textLost ? null : version.identity,
    file_sha256: version.fileSha256,
    format: version.format,
    origin: version.origin,
    created_at: version.createdAt,
    released_at: version.releasedAt,
  }
}

/** The highest release of a version that counts; `null` for none, and for a draft that is only labelled like one. */
export function shownRelease(version: VersionRecord | null, { highest }: Head): Release | null {
  return version && standingOf(version, highest?.release ?? null).release
}

export function foundVersion(version: VersionRecord, { highest }: Head): FoundVersion {
  const { status, waiting } = standingOf(version, highest?.release ?? null)
  const { version: label, identity } = version
  return { version: label, identity, status, waiting, reading: fileReading(version) }
}

/** Older rows on AWS lack the template language, so nobody knows what their file was read as. */
function fileReading(version: VersionRecord): FoundVersion['reading'] {
  const { format, templateLanguage, contentSha256, payloadSha256, fileSha256, textLost } = version
  if (fileSha256 === null || templateLanguage === undefined || textLost) return null
  return {
    ...{ format, template_language: templateLanguage },
    ...{ content_sha256: contentSha256, payload_sha256: payloadSha256 },
  }
}

/** A draft may be labelled like a release without being one. */
function standingOf(version: VersionRecord, highest: Release | null) {
  const status = statusOf(version, highest)
  const release = status === 'draft' ? null : releaseOf(version, highest)
  const waiting = status === 'draft' ? [...version.waiting] : []
  return { release, status, waiting }
}

export function resolvedPrompt(
  head: Head,
  version: VersionRecord,
  content: string,
  reading: PromptReading,
  isPinned: boolean,
): ResolvedPrompt {
  const { release, status } = standingOf(version, head.highest?.release ?? null)
  return {
    prompt_id: head.promptId,
    version: version.version,
    release,
    status,
    content,
    content_sha256: version.contentSha256,
    identity: version.identity,
    file_sha256: version.fileSha256,
    format: version.format,
    template_language: version.templateLanguage ?? null,
    source: head.owner,
    archived: head.archived ?? false,
    moved_to: head.movedTo ?? null,
    variables: version.variables as ResolvedPrompt['variables'],
    inputs: reading.inputs as ResolvedPrompt['inputs'],
    config: version.config as ResolvedPrompt['config'],
    description: version.description,
    tags: [...version.tags],
    aliases: [...version.aliases],
    origin: version.origin,
    created_at: version.createdAt,
    released_at: version.releasedAt,
    revision: head.revision,
    // The content of a seeded prompt may be edited in place until the registry's first event adopts it.
    immutable: isPinned && head.revision > 0,
  }
}

/** `now` is in milliseconds. An expired lease is shown as `null`. */
export function leaseDocument({ lease }: SourceRecord, now: number): LeaseDocument | null {
  if (lease === null || lease.expiresAt <= now) return null
  return { holder: lease.holder, token: lease.token, expires_at: new Date(lease.expiresAt).toISOString() }
}

/** `pointer`: of the source's set; `null` leaves its fields out. `now` is in milliseconds. */
export function sourceDocument(
  record: SourceRecord,
  now: number,
  pointer: Pick<SetPointer, 'settling' | 'hold'> | null = null,
): SourceDocument {
  return {
    name: record.name,
    revision: record.revision,
    state: record.state as SourceDocument['state'],
    attention: record.attention,
    ledger_length: record.ledgerLength,
    lease: leaseDocument(record, now),
    forgotten: record.forgotten,
    updated_at: record.updatedAt,
    ...(record.evidence !== undefined && { evidence: record.evidence }),
    ...(pointer !== null && { settling: pointer.settling, hold: pointer.hold }),
  }
}
