import { RegistryError } from '../contract/errors.ts'
import type { PromoteAnswer, PromoteRequest } from '../contract/registry-api.ts'
import { compareReleases, higherRelease, parseRelease, type Release } from '../contract/release.ts'
import { versionNameKey } from '../contract/version-name.ts'
import type { FoundVersions } from '../store/prompt-store.ts'
import type { Head, Snapshot, VersionRecord } from '../store/records.ts'
import { type Authority, authorize } from './authority.ts'
import type { Caller } from './caller.ts'
import { aliasToAdd, existing, refuseRevision, refuseRevokedVersion, versionNamed } from './guards.ts'
import { type Act, PromptEdit, type Step } from './prompt-edit.ts'

/**
 * What a promotion does. A source's promotion moves along the release line only: it is refused where the prompt is
 * held or the release is not above the highest, and repeating the highest changes nothing. A person's is an
 * explicit act and may go anywhere. Throws `not_found`, `revision_conflict`, `revoked`, `alias_taken`, `held`,
 * `not_newer` and what `authorize` throws.
 */
export function decidePromote(
  id: string,
  request: PromoteRequest,
  snapshot: Snapshot | undefined,
  found: FoundVersions,
  caller: Caller,
  act: Act,
): Step<PromoteAnswer> {
  const { head, stable } = existing(id, snapshot)
  refuseRevision(head, request.expected_revision)
  const authority = authorize(head, caller, { ...request, leaseToken: request.lease_token })
  const target = versionNamed(id, request.version, found)
  refuseRevokedVersion(id, target)
  const alias = aliasToAdd(id, request.alias, target, found)
  const named = request.alias === undefined ? undefined : parseRelease(request.alias)
  const release = named ?? target.release ?? undefined
  const bound = authority.source !== null && !authority.overrides
  const repeated = bound && isHighest(head, release, target)
  if (bound && !repeated) refuseRelease(head, release, target, authority)

  const edit = new PromptEdit(snapshot, id, act, authority)
  if (bound && !repeated && head.hold !== null) edit.liftHold()
  if (alias !== null) edit.addAlias(target, alias, named ?? null)
  const changed = !repeated && target.label !== stable?.label
  // A person promotes a version and not a tag, so it counts with the highest release that it was given.
  const counted = bound ? release : higherRelease(release, target.release ?? undefined)
  if (changed) swapStable(edit, stable, target, counted)
  raiseHighest(edit, head, counted, target, changed)
  return edit.finish((after) => ({
    prompt_id: after.promptId,
    version: after.stable ?? target.label,
    status: 'stable',
    changed,
    previous: stable?.label ?? null,
    revision: after.revision,
  }))
}

/** Makes `target` the one stable version. */
function swapStable(
  edit: PromptEdit,
  stable: VersionRecord | null,
  target: VersionRecord,
  release: Release | undefined,
): void {
  if (stable !== null) edit.updateVersion(stable, { status: 'deprecated' })
  const current = edit.current(target)
  const releasedAt = current.releasedAt ?? edit.at
  edit.updateVersion(target, { status: 'stable', promotedOver: stable?.label ?? null, releasedAt })
  edit.setStable(target.label)
  edit.log('promoted', {
    from: stable?.label ?? null,
    to: target.label,
    ...(release !== undefined && { details: { release } }),
  })
}

function raiseHighest(
  edit: PromptEdit,
  head: Head,
  release: Release | undefined,
  target: VersionRecord,
  changed: boolean,
): void {
  if (release === undefined) return
  if (head.highest !== null && compareReleases(release, head.highest.release) <= 0) return
  edit.raiseHighest(release, target)
  if (changed) return
  edit.log('release_raised', { to: target.label, details: { release, above: head.highest?.release ?? null } })
}

/** The release that the head has already, for the same version: a retry, or a later pass. */
function isHighest(head: Head, release: Release | undefined, target: VersionRecord): boolean {
  const { highest } = head
  if (highest === null || release === undefined) return false
  return compareReleases(release, highest.release) === 0 && highest.identity === target.identity
}

function refuseRelease(
  head: Head,
  release: Release | undefined,
  target: VersionRecord,
  authority: Authority,
): void {
  const { hold, highest, promptId } = head
  if (hold?.kind === 'until_lifted') {
    throw held(
      head,
      `The prompt "${promptId}" is frozen${because(hold.reason)}; lift the hold to let releases through.`,
    )
  }
  if (highest !== null && (release === undefined || compareReleases(release, highest.release) <= 0)) {
    const what = release === undefined ? 'A promotion without a semantic version' : `Release ${release}`
    throw new RegistryError(
      'not_newer',
      `${what} is not above ${highest.release}, the highest release of "${promptId}"; releases never go backwards. To go back, roll back.`,
      {
        details: { release: release ?? null, highest: highest.release, source: authority.source },
      },
    )
  }
  if (hold === null) return
  if (release === undefined || hold.rolledBackFrom?.identity === target.identity) {
    const from = hold.rolledBackFrom === null ? '' : ` from version ${hold.rolledBackFrom.label}`
    throw held(
      head,
      `The prompt "${promptId}" was rolled back${from}${because(hold.reason)}; a release with other text ends the hold, or lift it.`,
    )
  }
}

function held(head: Head, sentence: string): RegistryError {
  const { hold } = head
  return new RegistryError('held', sentence, {
    details: { hold: { kind: hold?.kind, since: hold?.since, actor: hold?.actor, reason: hold?.reason } },
  })
}

function because(reason: string | null): string {
  return reason === null ? '' : ` (${reason})`
}

/** The keys that a promotion or an alias needs to look up. */
export function namesOf(request: {
  readonly version: string
  readonly alias?: string | undefined
}): string[] {
  return [request.version, request.alias].filter((name) => name !== undefined).map(versionNameKey)
}
