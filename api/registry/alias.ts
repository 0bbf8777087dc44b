import type { AliasAnswer, AliasRequest } from '../contract/registry-api.ts'
import { compareReleases, isPrerelease, parseRelease, type Release } from '../contract/release.ts'
import { statusOf } from '../contract/release-line.ts'
import type { FoundVersions } from '../store/prompt-store.ts'
import type { Head, Snapshot, VersionRecord } from '../store/records.ts'
import type { Act } from './act.ts'
import { authorize } from './authority.ts'
import type { Caller } from './caller.ts'
import { aliasToAdd, existing, refuseRevokedVersion, versionNamed } from './guards.ts'
import { type EditStep, PromptEdit } from './prompt-edit.ts'

/** How an alias affects its version. */
type AliasState = 'counts' | 'waits' | 'names'

/**
 * Adds an alias: a permanent name for a version, without promoting it. The version counts as released unless the
 * release waits or is a pre-release. Throws `not_found`, `label_taken`, `revoked`, `alias_taken` and the errors of
 * `authorize`.
 */
export function decideAlias(
  id: string,
  request: AliasRequest,
  snapshot: Snapshot | undefined,
  found: FoundVersions,
  caller: Caller,
  act: Act,
): EditStep<AliasAnswer> {
  const { head } = existing(id, snapshot)
  const authority = authorize(head, caller, { ...request, leaseToken: request.lease_token })
  const target = versionNamed(id, request.version, found, request.identity)
  refuseRevokedVersion(id, target)
  const alias = aliasToAdd(id, request.alias, target, found)
  const release = parseRelease(request.alias)
  const standing = standingOf(head, release, request)

  const edit = new PromptEdit(snapshot, id, act, authority)
  if (alias !== null) {
    edit.addAlias(target, alias, standing === 'names' ? null : (release ?? null), request.release_tag)
    if (standing === 'waits' && release !== undefined) edit.awaitRelease(target, release)
  }
  if (standing === 'counts') count(edit, head, target, release, alias !== null)
  return edit.finish((after, applied) => ({
    prompt_id: after.promptId,
    alias: request.alias,
    version: target.version,
    status: statusOf(edit.current(target), after.highest?.release ?? null),
    changed: alias !== null,
    applied,
    revision: after.revision,
  }))
}

/** Only a release above the highest one can wait. */
function standingOf(
  { highest }: Head,
  release: Release | undefined,
  { waiting, counts }: AliasRequest,
): AliasState {
  if (release === undefined) return counts === false ? 'names' : 'counts'
  if (!(counts ?? (waiting === true || !isPrerelease(release)))) return 'names'
  const isAbove = highest === null || compareReleases(release, highest.release) > 0
  return waiting === true && isAbove ? 'waits' : 'counts'
}

/** Marks the version as released. If its row was lost, it may be a draft that already has the name. */
function count(
  edit: PromptEdit,
  { highest }: Head,
  target: VersionRecord,
  release: Release | undefined,
  isNew: boolean,
): void {
  if (isNew && release !== undefined) edit.countRelease(target, release)
  if (statusOf(target, highest?.release ?? null) !== 'draft') return
  edit.updateVersion(target, { status: 'deprecated', releasedAt: edit.at })
  if (release !== undefined) edit.countRelease(target, release)
  if (!isNew) edit.log('version_restored', { to: target.version })
}
