import type {
  HoldDocument,
  LeaseDocument,
  PromptRow,
  ResolvedPrompt,
  SourceDocument,
  VersionRow,
} from '../contract/registry-api.ts'
import type { PromptListing } from '../store/prompt-store.ts'
import type { Head, Hold, SourceRecord, VersionRecord } from '../store/records.ts'

/** Records of the store as documents of the wire. */

export function holdDocument(hold: Hold | null): HoldDocument | null {
  if (hold === null) return null
  return {
    kind: hold.kind,
    since: hold.since,
    actor: hold.actor,
    reason: hold.reason,
    rolled_back_from: hold.rolledBackFrom?.label ?? null,
  }
}

export function promptRow({ head, latestStatus, description, tags }: PromptListing): PromptRow {
  return {
    prompt_id: head.promptId,
    stable: head.stable,
    latest: head.latest,
    latest_status: latestStatus,
    highest_release: head.highest?.release ?? null,
    source: head.owner,
    hold: holdDocument(head.hold),
    archived: head.archived ?? false,
    retired: head.retired ?? null,
    description,
    tags: [...tags],
    revision: head.revision,
    created_at: head.createdAt,
    updated_at: head.updatedAt,
  }
}

export function versionRow(version: VersionRecord): VersionRow {
  return {
    version: version.label,
    status: version.status,
    aliases: [...version.aliases],
    description: version.description,
    tags: [...version.tags],
    content_sha256: version.contentSha256,
    origin: version.origin,
    created_at: version.createdAt,
    released_at: version.releasedAt,
  }
}

export function resolvedPrompt(head: Head, version: VersionRecord, content: string): ResolvedPrompt {
  return {
    prompt_id: head.promptId,
    version: version.label,
    status: version.status,
    content,
    content_sha256: version.contentSha256,
    variables: version.variables as ResolvedPrompt['variables'],
    config: version.config as ResolvedPrompt['config'],
    description: version.description,
    tags: [...version.tags],
    aliases: [...version.aliases],
    origin: version.origin,
    created_at: version.createdAt,
    released_at: version.releasedAt,
    revision: head.revision,
  }
}

/** `now` in milliseconds: a lease that ran out is shown as none. */
export function leaseDocument({ lease }: SourceRecord, now: number): LeaseDocument | null {
  if (lease === null || lease.expiresAt <= now) return null
  return { holder: lease.holder, token: lease.token, expires_at: new Date(lease.expiresAt).toISOString() }
}

export function sourceDocument(record: SourceRecord, now: number): SourceDocument {
  return {
    name: record.name,
    revision: record.revision,
    state: record.state as SourceDocument['state'],
    attention: record.attention,
    ledger_length: record.ledgerLength,
    lease: leaseDocument(record, now),
    updated_at: record.updatedAt,
  }
}
