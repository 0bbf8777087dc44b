import { RegistryError } from '../contract/errors.ts'
import type { RollbackAnswer, RollbackRequest } from '../contract/registry-api.ts'
import { higherRelease, type Release } from '../contract/release.ts'
import { statusOf } from '../contract/release-line.ts'
import type { Head, Hold, Snapshot, VersionRecord } from '../store/records.ts'
import type { Act } from './act.ts'
import { partDetails } from './changed-parts.ts'
import { holdDocument, shownRelease } from './documents.ts'
import { refuseRevokedVersion } from './guards.ts'
import { type EditStep, PromptEdit } from './prompt-edit.ts'

/**
 * Rolls back: makes `target` stable, and sets a hold so that the rolled-back content is not promoted again.
 * `highestNamed` is the highest release of the prompt, including waiting ones. Any writer may roll back,
 * regardless of the owner. Throws `nothing_to_roll_back_to`, `not_released`, `revoked`.
 */
export function decideRollback(
  snapshot: Snapshot,
  target: VersionRecord | null,
  highestNamed: Release | null,
  request: RollbackRequest,
  act: Act,
): EditStep<RollbackAnswer> {
  const { head, stable } = snapshot
  if (target === null) throw nothingToRollBackTo(head.promptId)
  refuseRevokedVersion(head.promptId, target)
  refuseUnreleased(head, target)
  const edit = new PromptEdit(snapshot, head.promptId, act)
  const changed = target.version !== stable?.version
  if (changed) {
    moveStableBack(edit, stable, target, 'rollback')
    edit.rememberRollback(stable, target)
    const kind = holdAfter(head.hold, request.hold ?? 'until_release')
    const above = higherRelease(highestNamed ?? undefined, head.highest?.release) ?? null
    if (kind !== null) edit.setHold({ kind, rolledBackFrom: stable?.version ?? null, above }, act.reason)
  }
  return edit.finish((after, applied) => ({
    prompt_id: after.promptId,
    version: target.version,
    release: shownRelease(edit.current(target), after),
    status: 'stable',
    changed,
    applied,
    previous: stable?.version ?? null,
    previous_release: shownRelease(stable, head),
    hold: holdDocument(after.hold),
    revision: after.revision,
  }))
}

/** Makes a released version stable again. This does not count as a promotion of it. */
export function moveStableBack(
  edit: PromptEdit,
  stable: VersionRecord | null,
  target: VersionRecord,
  by: 'rollback' | 'revocation',
): void {
  if (stable !== null && edit.current(stable).status === 'stable')
    edit.updateVersion(stable, { status: 'deprecated' })
  edit.updateVersion(target, { status: 'stable' })
  edit.setStable(target.version, by)
  edit.log('rolled_back', {
    from: stable?.version ?? null,
    to: target.version,
    details: stable && partDetails(stable, target),
  })
}

/** Accepts only versions that were stable before or have a release that counted. Throws `not_released`. */
function refuseUnreleased({ promptId, highest }: Head, target: VersionRecord): void {
  if (statusOf(target, highest?.release ?? null) !== 'draft') return
  const [waits] = target.waiting
  const why =
    waits === undefined
      ? 'was never released; promote it instead'
      : `is not released yet, because release ${waits} waits; lift the hold, or promote it`
  throw new RegistryError('not_released', `Version ${target.version} of "${promptId}" ${why}.`, {
    details: { prompt_id: promptId, version: target.version },
  })
}

/** The hold that a rollback sets; `null` if the current one stays. Never weakens a freeze. */
function holdAfter(hold: Hold | null, asked: 'until_release' | 'until_lifted' | 'none'): Hold['kind'] | null {
  if (asked === 'none' || hold?.kind === 'until_lifted') return null
  return asked
}

/** Repeating a rollback that names no version would go back one release more. */
export function unconfirmedRollback(error: unknown, target: VersionRecord | null, isMade: boolean): unknown {
  if (!(error instanceof RegistryError) || target === null) return error
  if (!isMade && error.details?.unconfirmed !== true) return error
  const { code, details, cause } = error
  return new RegistryError(
    code,
    `The rollback to version ${target.version} was not confirmed and may have been made; repeat it with "version": "${target.version}", which goes back no further.`,
    { details: { ...details, unconfirmed: true, version: target.version }, cause },
  )
}

export function nothingToRollBackTo(
  promptId: string,
  nextMove = 'Promote another version, or name a released one.',
): RegistryError {
  return new RegistryError(
    'nothing_to_roll_back_to',
    `The prompt "${promptId}" has no earlier release to go back to. ${nextMove}`,
    { details: { prompt_id: promptId } },
  )
}
