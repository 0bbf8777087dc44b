import { RegistryError } from '../contract/errors.ts'
import type { PushAnswer } from '../contract/registry-api.ts'
import { parseRelease } from '../contract/release.ts'
import { statusOf } from '../contract/release-line.ts'
import { versionNameKey } from '../contract/version-name.ts'
import type { NewContent } from '../store/atomic-change.ts'
import type { FoundVersions, VersionQuery } from '../store/prompt-store.ts'
import { PLAIN_VERSION, type Snapshot, type VersionRecord } from '../store/records.ts'
import type { Act } from './act.ts'
import { authorize } from './authority.ts'
import type { Caller } from './caller.ts'
import { labelTaken } from './guards.ts'
import { type EditStep, PromptEdit } from './prompt-edit.ts'
import type { PushedVersion } from './pushed-version.ts'

/** The state of a prompt that a push needs. */
export function pushQuery({ version, identity, contentSha256 }: PushedVersion): VersionQuery {
  return { names: [versionNameKey(version)], identities: [identity], contents: [contentSha256] }
}

/**
 * Pushes a new draft. If the prompt already has the version and the request has no label, only moves `latest`.
 * Throws `id_differs_by_case`, `revoked`, `version_exists`, `label_taken` and the errors of `authorize`.
 */
export function decidePush(
  push: PushedVersion,
  snapshot: Snapshot | undefined,
  found: FoundVersions,
  caller: Caller,
  act: Act,
): EditStep<PushAnswer> {
  const { request } = push
  refuseOtherCase(request.prompt_id, snapshot)
  const authority = authorize(snapshot?.head, caller, {
    source: request.origin?.source,
    override: request.override,
    leaseToken: request.lease_token,
  })
  refuseRevoked(push, found)
  const there = existingVersion(push, found)
  const lost = there === null ? lostVersion(push, snapshot, found) : null
  const edit = new PromptEdit(snapshot, request.prompt_id, act, authority)
  const version = there ?? lost ?? newVersion(push, edit.head.versionCount + 1, act)
  const created = there === null && lost === null
  if (lost !== null) edit.restoreVersion(lost, contentOf(push, lost.version))
  if (created) {
    edit.addVersion(version, contentOf(push, version.version))
    edit.log('version_pushed', { from: edit.head.latest, to: version.version })
  }
  if (request.latest !== false) makeLatest(edit, version, created)
  return edit.finish((head, applied) => ({
    prompt_id: head.promptId,
    version: version.version,
    identity: push.identity,
    status: statusOf(edit.current(version), head.highest?.release ?? null),
    created,
    applied,
    revision: head.revision,
  }))
}

function makeLatest(edit: PromptEdit, version: VersionRecord, created: boolean): void {
  const { latest, latestBy, archived } = edit.head
  if (latest !== version.version) {
    if (!created) edit.log('latest_moved', { from: latest, to: version.version })
    edit.setLatest(version.version)
  } else if (latestBy !== edit.setBy && edit.setBy === 'source') edit.setLatest(version.version)
  // A prompt on the branch is not archived. Backfilled releases don't affect that.
  if (archived === true) edit.setArchived(false)
}

function refuseOtherCase(id: string, snapshot: Snapshot | undefined): void {
  if (snapshot === undefined || snapshot.head.promptId === id) return
  throw new RegistryError(
    'id_differs_by_case',
    `The prompt "${snapshot.head.promptId}" already exists, and "${id}" differs only by case or by similar characters; use the existing id, or another name.`,
    { details: { prompt_id: snapshot.head.promptId } },
  )
}

function refuseRevoked(push: PushedVersion, found: FoundVersions): void {
  const same = [found.byIdentity.get(push.identity), ...found.sameContent]
  const revoked = same.find(
    (version) =>
      version?.status === 'revoked' &&
      (version.identity === push.identity || version.revokedScope === 'content'),
  )
  if (revoked === undefined) return
  throw new RegistryError(
    'revoked',
    `This content was revoked as version ${revoked.version} of "${push.request.prompt_id}" and cannot come back; change it.`,
    { details: { version: revoked.version } },
  )
}

/** The existing version that the push names; `null` if the push creates one. */
function existingVersion(push: PushedVersion, found: FoundVersions): VersionRecord | null {
  const { request, identity, version } = push
  const same = found.byIdentity.get(identity)
  if (request.version === undefined && same !== undefined) return same
  const taken = found.byName.get(versionNameKey(version))
  if (taken === undefined) return null
  if (request.version === undefined) throw labelTaken(request.prompt_id, taken, identity)
  const identical = taken.identity === identity
  const what = identical
    ? 'with this content'
    : 'with other content; versions never change, so choose another label'
  throw new RegistryError(
    'version_exists',
    `The prompt "${request.prompt_id}" already has a version named "${version}", ${what}.`,
    { details: { identical, version: taken.version } },
  )
}

/** The head lists the version, but its row is missing: another program deleted it. */
function lostVersion(
  { identity, version, additions, sidecars, manifest, variables, config, description, tags }: PushedVersion,
  snapshot: Snapshot | undefined,
  { byIdentity }: FoundVersions,
): VersionRecord | null {
  if (byIdentity.has(identity)) return null
  const known = [snapshot?.stable, snapshot?.latest].find(
    (one) => one?.identity === identity && one.version === version,
  )
  // The head may lack large fields of a lost row.
  return known == null
    ? null
    : { ...known, additions, sidecars, manifest, variables, config, description, tags }
}

function contentOf({ request, contentSha256, stored }: PushedVersion, version: string): NewContent {
  return {
    version,
    sha256: contentSha256,
    text: request.content,
    frontMatter: request.front_matter ?? null,
    ...(stored.length > 0 && { files: stored }),
  }
}

function newVersion(
  { request, stored: _, ...version }: PushedVersion,
  order: number,
  act: Act,
): VersionRecord {
  return {
    ...PLAIN_VERSION,
    ...version,
    order,
    status: 'draft',
    origin: request.origin ?? null,
    release: parseRelease(version.version) ?? null,
    createdAt: act.at,
    updatedAt: act.at,
  }
}
