import { RegistryError } from '../contract/errors.ts'
import type { PushAnswer, PushRequest } from '../contract/registry-api.ts'
import { parseRelease } from '../contract/release.ts'
import { identityLabel, isNothing, sha256, versionIdentity } from '../contract/version.ts'
import { versionNameKey } from '../contract/version-name.ts'
import type { FoundVersions } from '../store/prompt-store.ts'
import type { Snapshot, VersionRecord } from '../store/records.ts'
import { authorize } from './authority.ts'
import type { Caller } from './caller.ts'
import { type Act, PromptEdit, type Step } from './prompt-edit.ts'

/** A push with what is computed of it once. */
export interface Push {
  readonly request: PushRequest
  readonly identity: string
  readonly contentSha256: string
  /** The label that a new version gets. */
  readonly label: string
}

export function preparePush(request: PushRequest): Push {
  const identity = versionIdentity(request)
  const contentSha256 = sha256(request.content)
  return { request, identity, contentSha256, label: request.version ?? identityLabel(identity) }
}

/**
 * What a push does: a new draft, or, where the text is there already and no label was asked for, at most new
 * metadata and a moved `latest`. Throws `id_differs_by_case`, `revoked`, `version_exists` and what `authorize` throws.
 */
export function decidePush(
  push: Push,
  snapshot: Snapshot | undefined,
  found: FoundVersions,
  caller: Caller,
  act: Act,
): Step<PushAnswer> {
  const { request } = push
  refuseOtherCase(request.prompt_id, snapshot)
  const authority = authorize(snapshot?.head, caller, {
    source: request.origin?.source,
    override: request.override,
    leaseToken: request.lease_token,
  })
  refuseRevoked(push, found)
  const existing = existingVersion(push, found)
  const edit = new PromptEdit(snapshot, request.prompt_id, act, authority)
  const version = existing === null ? newVersion(push, edit.head.versionCount + 1, act) : existing
  if (existing === null) {
    edit.addVersion(version, request.content)
    edit.log('version_pushed', { from: edit.head.latest, to: version.label })
    if (request.latest !== false) edit.setLatest(version.label)
  } else if (request.latest !== false) {
    // A push that leaves latest alone brings older text in, whose metadata may be older, too.
    updateMetadata(edit, existing, request)
    if (edit.head.latest !== existing.label) {
      edit.log('latest_moved', { from: edit.head.latest, to: existing.label })
      edit.setLatest(existing.label)
    }
  }
  // What the branch has is not gone; older releases that are brought in say nothing of that.
  if (edit.head.archived === true && request.latest !== false) edit.setArchived(false)
  return edit.finish((head) => ({
    prompt_id: head.promptId,
    version: version.label,
    status: version.status,
    created: existing === null,
    revision: head.revision,
  }))
}

function refuseOtherCase(id: string, snapshot: Snapshot | undefined): void {
  if (snapshot === undefined || snapshot.head.promptId === id) return
  throw new RegistryError(
    'id_differs_by_case',
    `The prompt "${snapshot.head.promptId}" exists already, and "${id}" differs from it only by case; use that id, or another name.`,
    { details: { prompt_id: snapshot.head.promptId } },
  )
}

function refuseRevoked(push: Push, found: FoundVersions): void {
  const revoked = found.sameContent.find((version) => version.status === 'revoked')
  if (revoked === undefined) return
  throw new RegistryError(
    'revoked',
    `This text was revoked as version ${revoked.label} of "${push.request.prompt_id}" and cannot come back; change the text.`,
    {
      details: { version: revoked.label },
    },
  )
}

/** The version that the push names already; `null` where it makes a new one. */
function existingVersion(push: Push, found: FoundVersions): VersionRecord | null {
  const { request, identity, label } = push
  if (request.version === undefined && found.sameIdentity !== null) return found.sameIdentity
  const taken = found.byName.get(versionNameKey(label))
  if (taken === undefined) return null
  const identical = taken.identity === identity
  const what = identical
    ? 'with this very text'
    : 'with other text; versions never change, so choose another label'
  throw new RegistryError(
    'version_exists',
    `The prompt "${request.prompt_id}" has a version named "${label}" already, ${what}.`,
    {
      details: { identical, version: taken.label },
    },
  )
}

function newVersion(push: Push, order: number, act: Act): VersionRecord {
  const { request } = push
  return {
    label: push.label,
    order,
    status: 'draft',
    identity: push.identity,
    contentSha256: push.contentSha256,
    variables: isNothing(request.variables) ? null : (request.variables ?? null),
    config: isNothing(request.config) ? null : (request.config ?? null),
    description: request.description ?? null,
    tags: request.tags ?? [],
    aliases: [],
    origin: request.origin ?? null,
    release: parseRelease(push.label) ?? null,
    promotedOver: null,
    createdAt: act.at,
    updatedAt: act.at,
    releasedAt: null,
  }
}

/** Description and tags may change; what the request leaves out stays, and null clears. */
function updateMetadata(edit: PromptEdit, version: VersionRecord, request: PushRequest): void {
  const description = request.description === undefined ? version.description : request.description
  const tags = request.tags === undefined ? version.tags : (request.tags ?? [])
  const sameTags =
    tags.length === version.tags.length && tags.every((tag, index) => tag === version.tags[index])
  if (description === version.description && sameTags) return
  edit.updateVersion(version, { description, tags })
  edit.log('metadata_updated', { to: version.label, details: { description, tags: [...tags] } })
}
