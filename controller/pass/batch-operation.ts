import type { BatchOperation, PushRequest, ReleaseTag } from '../../api/contract/registry-api.ts'
import type { Additions } from '../../api/contract/version.ts'
import type { MetRequirement } from '../evidence/judge-evidence.ts'
import type { HealChange, PlannedChange, PushChange } from '../plan/changes.ts'
import type { Plan } from '../plan/plan.ts'
import { wholeOf } from '../prompts/split-text.ts'
import type { CommitInfo, GitSnapshot, TagObject } from '../source/git-source.ts'
import type { MergedPullRequest } from '../source/merged-pull-request.ts'
import type { Oid } from '../source/oid.ts'
import type { FileText, PlannedTexts } from './batches.ts'
import { type FolderTexts, pushedFiles } from './folder-texts.ts'

/** What the operations of a plan are made from, next to the changes and their content. */
export interface BatchContext {
  readonly source: string
  readonly repository: string
  readonly leaseToken: number
  readonly snapshot: Pick<GitSnapshot, 'commit'>
  readonly tags: Plan['tags']
  readonly tagObjects: ReadonlyMap<Oid, TagObject>
  /** By tag name. */
  readonly signers: ReadonlyMap<string, string>
  /** By commit; `null` for a commit that came without one. */
  readonly pullRequests: ReadonlyMap<Oid, MergedPullRequest | null>
  /** Whether to retire prompts that somebody reads. */
  readonly retireRead: boolean
}

/** Maximum length of a string in an origin. Git has no such limit. */
const ORIGIN_CHARACTERS = 1024

/** The registry's operation for a change. */
export async function operationOf(
  change: PlannedChange,
  texts: PlannedTexts,
  folderTexts: FolderTexts,
  work: BatchContext,
): Promise<BatchOperation> {
  const { source, leaseToken: lease_token, snapshot, repository } = work
  if (change.do === 'push') {
    const text = texts.get(change)
    if (text === undefined)
      throw new Error(`the plan pushes ${change.path}, but its content cannot become a version`)
    const commit = await snapshot.commit(change.commit)
    const files = pushedFiles(change, folderTexts)
    return { op: 'push', ...pushRequest(source, change, text, repository, commit), ...files, lease_token }
  }
  // An older registry refuses the field, so it is sent only if it has an effect.
  const confirmed = work.retireRead && { confirm: true }
  const asSource = { prompt_id: change.id, source, lease_token }
  switch (change.do) {
    case 'archive': {
      const reason = `gone at commit ${change.commit.slice(0, 12)}`
      const { movedTo } = change
      return {
        ...{ op: 'archive', archived: true, reason, ...asSource },
        ...(movedTo !== null && { moved_to: movedTo }),
      }
    }
    case 'heal':
      return { op: 'heal', ...healed(change), reason: 'restored from git', ...asSource }
    case 'retire':
      return { op: 'retire', release: change.release, ...byTag(change, work), ...confirmed, ...asSource }
    case 'promote': {
      const { version, identity, release: alias } = change
      const evidence = change.evidence.slice(0, MOST_EVIDENCE).map(evidenceDocument)
      const known = evidence.length > 0 && { evidence }
      return { op: 'promote', version, identity, alias, ...byTag(change, work), ...known, ...asSource }
    }
    case 'name': {
      const { version, identity, release: alias, standing } = change
      const how = standing === 'waits' ? { waiting: true } : { counts: standing === 'counts' }
      return { op: 'alias', version, identity, alias, ...how, ...byTag(change, work), ...asSource }
    }
    default:
      return change satisfies never
  }
}

/** Evidence in one event. */
const MOST_EVIDENCE = 20

function evidenceDocument({ requirement, result, attester, sha256, at }: MetRequirement) {
  const finished_at = at === null ? null : new Date(at).toISOString()
  return { name: requirement.evidence, result, attester, sha256, finished_at }
}

function healed({ stable, latest }: HealChange) {
  return {
    ...(stable !== null && {
      stable: { version: stable.version, identity: stable.identity, release: stable.release },
    }),
    ...(latest !== null && { latest: { version: latest.version, identity: latest.identity } }),
  }
}

/** The release tag that caused a change, for the audit trail. */
function byTag(
  { tag, commit }: { readonly tag: string; readonly commit: Oid },
  { tags, tagObjects, signers, pullRequests }: BatchContext,
): { readonly reason: string; readonly release_tag: ReleaseTag } {
  const { object = null } = tags.get(tag) ?? {}
  const signer = signers.get(tag)
  const known = object === null ? undefined : tagObjects.get(object)
  return {
    reason: `release tag ${clip(tag)}`,
    release_tag: {
      tag: clip(tag),
      tag_object: object,
      commit,
      tagger: known?.tagger == null ? null : clip(known.tagger),
      tagged_at: known?.taggedAt ?? null,
      signer: signer === undefined ? null : clip(signer),
      ...approval(pullRequests.get(commit)),
    },
  }
}

/** Absent if unknown; `null` if the commit came without a pull request. */
function approval(found: MergedPullRequest | null | undefined): Pick<ReleaseTag, 'pull_request'> {
  if (found === undefined) return {}
  if (found === null) return { pull_request: null }
  const { number, author, approvedBy } = found
  return {
    pull_request: {
      number,
      author: author === null ? null : clip(author),
      approved_by: approvedBy.map(clip),
    },
  }
}

function pushRequest(
  source: string,
  change: PushChange,
  text: FileText,
  repository: string,
  commit: CommitInfo,
): PushRequest {
  const { additions } = change
  return {
    prompt_id: change.id,
    content: text.content,
    front_matter: text.frontMatter,
    format: change.format,
    template_language: change.templateLanguage,
    ...(additions !== null && { additions: additionsOf(additions) }),
    ...(text.sidecars !== null && { sidecars: text.sidecars }),
    latest: change.latest,
    origin: {
      source,
      repository,
      commit: change.commit,
      path: clip(wholeOf(change.path).whole),
      blob: wholeOf(change.blob).whole,
      author: clip(commit.author),
      committed_at: commit.committedAt,
    },
  }
}

function additionsOf({
  description,
  tags,
  format,
  templateLanguage,
}: Additions): NonNullable<PushRequest['additions']> {
  return {
    ...(description !== undefined && { description }),
    ...(tags !== undefined && { tags: [...tags] }),
    ...(format !== undefined && { format }),
    ...(templateLanguage !== undefined && { templateLanguage }),
  }
}

function clip(text: string): string {
  return text.slice(0, ORIGIN_CHARACTERS).replaceAll('\0', '').toWellFormed()
}
