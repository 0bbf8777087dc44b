import { RegistryError } from '../contract/errors.ts'
import type { SettleAnswer, SettleOperation } from '../contract/registry-api.ts'
import type { FoundVersions } from '../store/prompt-store.ts'
import type { Snapshot, VersionRecord } from '../store/records.ts'
import type { Act } from './act.ts'
import { authorizeOwner } from './authority.ts'
import type { Caller } from './caller.ts'
import { existing, refuseRevision, refuseRevokedVersion } from './guards.ts'
import { type EditStep, PromptEdit } from './prompt-edit.ts'
import { moveStableBack } from './rollback.ts'

/**
 * Rolls a prompt back to the version that the set of its source has; without one, nothing is stable until the next
 * release. Sets no hold, since the source has one. Throws `not_found`, `revoked`, `revision_conflict` and the errors of
 * `authorizeOwner`.
 */
export function decideSettle(
  request: SettleOperation,
  snapshot: Snapshot | undefined,
  found: FoundVersions,
  caller: Caller,
  act: Act,
): EditStep<SettleAnswer> {
  const { head, stable } = existing(request.prompt_id, snapshot)
  refuseRevision(head, request.expected_revision)
  const authority = authorizeOwner(head, caller, { ...request, leaseToken: request.lease_token })
  const target = request.identity === null ? null : memberVersion(head.promptId, request.identity, found)
  const edit = new PromptEdit(snapshot, head.promptId, act, authority)
  if (target === null) edit.withdrawStable(stable)
  else if (target.version !== stable?.version) moveStableBack(edit, stable, target, 'rollback')
  return edit.finish((after, applied) => ({
    prompt_id: after.promptId,
    stable: after.stable,
    changed: applied,
    applied,
    revision: after.revision,
  }))
}

function memberVersion(promptId: string, identity: string, { byIdentity }: FoundVersions): VersionRecord {
  const version = byIdentity.get(identity)
  if (version === undefined) {
    throw new RegistryError(
      'not_found',
      `The prompt "${promptId}" no longer has the version ${identity.slice(0, 12)} of the set; release the prompt again.`,
      { details: { prompt_id: promptId, identity } },
    )
  }
  refuseRevokedVersion(promptId, version)
  return version
}
