import { RegistryError } from '../contract/errors.ts'
import { type PromptUse, useClause, useDetails } from '../contract/prompt-use.ts'
import type { RetireAnswer, RetireOperation } from '../contract/registry-api.ts'
import { compareReleases, type Release } from '../contract/release.ts'
import type { Head, Snapshot } from '../store/records.ts'
import type { Act } from './act.ts'
import { authorizeOwner } from './authority.ts'
import type { Caller } from './caller.ts'
import { existing } from './guards.ts'
import { type EditStep, PromptEdit } from './prompt-edit.ts'

/**
 * Retires a prompt that a release no longer has: deprecates the stable version. No version is stable until a
 * higher release has the prompt again. Follows the release line like a promotion, so the release becomes the
 * highest. `use`: who reads the prompt; `null` if nobody does, or if the caller confirmed. Throws `not_found`, `held`,
 * `not_newer`, `in_use` and the errors of `authorizeOwner`.
 */
export function decideRetire(
  request: RetireOperation & { readonly release: Release },
  snapshot: Snapshot | undefined,
  caller: Caller,
  act: Act,
  use: PromptUse | null,
): EditStep<RetireAnswer> {
  const { release } = request
  const { head, stable } = existing(request.prompt_id, snapshot)
  const authority = authorizeOwner(head, caller, { ...request, leaseToken: request.lease_token })
  if (stable !== null && !authority.overrides) refuseRetirement(head, release)
  if (stable !== null && use !== null) throw promptInUse(head, release, use)
  const edit = new PromptEdit(snapshot, head.promptId, act, authority)
  if (stable !== null) {
    edit.updateVersion(stable, { status: 'deprecated' })
    edit.setRetired(release, stable, request.release_tag)
    if (isHigher(release, head)) edit.raiseHighest(release, stable)
  }
  return edit.finish((after, applied) => ({
    prompt_id: after.promptId,
    release,
    changed: stable !== null,
    applied,
    previous: stable?.version ?? null,
    revision: after.revision,
  }))
}

function promptInUse({ promptId }: Head, release: Release, use: PromptUse): RegistryError {
  return new RegistryError(
    'in_use',
    `The prompt "${promptId}" ${useClause(use)}, so release ${release} does not retire it. To retire it all the same, set "confirm" (promptctl sync: --confirm).`,
    { details: { prompt_id: promptId, ...useDetails(use) } },
  )
}

function isHigher(release: Release, { highest }: Head): boolean {
  return highest === null || compareReleases(release, highest.release) > 0
}

function refuseRetirement(head: Head, release: Release): void {
  const { promptId, hold, highest } = head
  if (hold !== null) {
    const reason = hold.reason === null ? '' : ` (${hold.reason})`
    throw new RegistryError(
      'held',
      `The prompt "${promptId}" is held${reason}, so release ${release} does not retire it; lift the hold first.`,
      { details: { hold: { kind: hold.kind, since: hold.since, actor: hold.actor, reason: hold.reason } } },
    )
  }
  if (isHigher(release, head)) return
  throw new RegistryError(
    'not_newer',
    `Release ${release} is not above ${highest?.release}, the highest release of "${promptId}", so it does not retire the prompt.`,
    { details: { release, highest: highest?.release ?? null } },
  )
}
