import { RegistryError } from '../contract/errors.ts'
import type { HealAnswer, HealOperation } from '../contract/registry-api.ts'
import { statusOf } from '../contract/release-line.ts'
import { versionNameKey } from '../contract/version-name.ts'
import type { FoundVersions } from '../store/prompt-store.ts'
import type { Head, PromptEvent, Snapshot, VersionRecord } from '../store/records.ts'
import type { Act } from './act.ts'
import { authorizeOwner } from './authority.ts'
import type { Caller } from './caller.ts'
import { partDetails } from './changed-parts.ts'
import { existing, refuseRevokedVersion, versionNamed } from './guards.ts'
import { isRolledBack } from './head-changes.ts'
import { makeStable } from './promote.ts'
import { type EditStep, PromptEdit } from './prompt-edit.ts'

/**
 * Restores stable or latest from git after a manual change. Restores stable only to a version with a release that
 * counts, and never to one that was rolled back or revoked. Throws `not_found`, `label_taken`, `revoked`, `held`,
 * `not_newer` and the errors of `authorizeOwner`.
 */
export function decideHeal(
  request: HealOperation,
  snapshot: Snapshot | undefined,
  found: FoundVersions,
  caller: Caller,
  act: Act,
): EditStep<HealAnswer> {
  const { head, stable } = existing(request.prompt_id, snapshot)
  const authority = authorizeOwner(head, caller, { ...request, leaseToken: request.lease_token })
  const edit = new PromptEdit(snapshot, head.promptId, act, authority)
  if (request.stable !== undefined) {
    const target = wanted(head, request.stable, found)
    refuseStable(head, request.stable.release, target, found)
    if (target.version !== stable?.version) {
      if (stable !== null) edit.updateVersion(stable, { status: 'deprecated' })
      makeStable(edit, stable, target)
      logHealed(edit, 'stable', stable?.version ?? null, target, partDetails(stable, target))
    }
  }
  if (request.latest !== undefined) {
    const target = wanted(head, request.latest, found)
    if (target.version !== head.latest) {
      edit.setLatest(target.version)
      logHealed(edit, 'latest', head.latest, target)
    }
  }
  return edit.finish((after, applied) => ({
    prompt_id: after.promptId,
    stable: after.stable,
    latest: after.latest,
    changed: applied,
    applied,
    revision: after.revision,
  }))
}

function wanted(
  { promptId }: Head,
  { version, identity }: { readonly version: string; readonly identity: string },
  found: FoundVersions,
): VersionRecord {
  const target = versionNamed(promptId, version, found, identity)
  refuseRevokedVersion(promptId, target)
  return target
}

function refuseStable(head: Head, release: string, target: VersionRecord, found: FoundVersions): void {
  const { promptId, hold, highest } = head
  if (hold !== null || isRolledBack(head, target)) {
    throw new RegistryError(
      'held',
      `The prompt "${promptId}" is held or was rolled back from this version, so it is not restored; promote it by hand.`,
    )
  }
  const named = found.byName.get(versionNameKey(release))
  const counts = statusOf(target, highest?.release ?? null) !== 'draft'
  if (named?.identity === target.identity && counts) return
  throw new RegistryError(
    'not_newer',
    `Release ${release} of "${promptId}" does not count for version ${target.version}, so stable is not restored to it.`,
    { details: { release, version: target.version } },
  )
}

function logHealed(
  edit: PromptEdit,
  what: 'stable' | 'latest',
  from: string | null,
  to: VersionRecord,
  changed: NonNullable<PromptEvent['details']> = {},
): void {
  edit.log('healed', { from, to: to.version, details: { what, ...changed } })
}
