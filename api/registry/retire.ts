import { RegistryError } from '../contract/errors.ts'
import type { RetireAnswer, RetireOperation } from '../contract/registry-api.ts'
import { compareReleases, type Release } from '../contract/release.ts'
import type { Head, Snapshot } from '../store/records.ts'
import { authorizeOwner } from './authority.ts'
import type { Caller } from './caller.ts'
import { existing } from './guards.ts'
import { type Act, PromptEdit, type Step } from './prompt-edit.ts'

/**
 * Takes a prompt out of service from a release on, which no longer has it: what was stable is deprecated, and nothing
 * is stable until a higher release has the prompt again. It moves along the release line like a promotion, so the
 * release becomes the highest. Throws `not_found`, `held`, `not_newer` and what `authorizeOwner` throws.
 */
export function decideRetire(
  request: RetireOperation & { readonly release: Release },
  snapshot: Snapshot | undefined,
  caller: Caller,
  act: Act,
): Step<RetireAnswer> {
  const { release } = request
  const { head, stable } = existing(request.prompt_id, snapshot)
  const authority = authorizeOwner(head, caller, { ...request, leaseToken: request.lease_token })
  if (stable !== null && !authority.overrides) refuseRetirement(head, release)
  const edit = new PromptEdit(snapshot, head.promptId, act, authority)
  if (stable !== null) {
    edit.updateVersion(stable, { status: 'deprecated' })
    edit.setRetired(release, stable)
    if (isHigher(release, head)) edit.raiseHighest(release, stable)
  }
  return edit.finish((after) => ({
    prompt_id: after.promptId,
    release,
    changed: stable !== null,
    previous: stable?.label ?? null,
    revision: after.revision,
  }))
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
      `The prompt "${promptId}" is held${reason} and stays as it is; lift the hold to let release ${release} take it out of service.`,
      { details: { hold: { kind: hold.kind, since: hold.since, actor: hold.actor, reason: hold.reason } } },
    )
  }
  if (isHigher(release, head)) return
  throw new RegistryError(
    'not_newer',
    `Release ${release} is not above ${highest?.release}, the highest release of "${promptId}", and does not take it out of service.`,
    { details: { release, highest: highest?.release ?? null } },
  )
}
