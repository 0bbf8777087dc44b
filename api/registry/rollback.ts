import { RegistryError } from '../contract/errors.ts'
import type { RollbackAnswer, RollbackRequest } from '../contract/registry-api.ts'
import type { Hold, Snapshot, VersionRecord } from '../store/records.ts'
import { holdDocument } from './documents.ts'
import { refuseRevokedVersion } from './guards.ts'
import { type Act, PromptEdit, type Step } from './prompt-edit.ts'

/**
 * What a rollback does: `target` becomes stable and a hold keeps the text that was rolled back from coming
 * again. Open to every writer, whoever owns the prompt. Throws `nothing_to_roll_back_to`, `not_released`, `revoked`.
 */
export function decideRollback(
  snapshot: Snapshot,
  target: VersionRecord | null,
  request: RollbackRequest,
  act: Act,
): Step<RollbackAnswer> {
  const { head, stable } = snapshot
  if (target === null) throw nothingToRollBackTo(head.promptId)
  refuseRevokedVersion(head.promptId, target)
  if (target.status === 'draft') {
    throw new RegistryError(
      'not_released',
      `Version ${target.label} of "${head.promptId}" was never released, so there is no going back to it; promote it instead.`,
    )
  }
  const edit = new PromptEdit(snapshot, head.promptId, act)
  const changed = target.label !== stable?.label
  if (changed) {
    moveStableBack(edit, stable, target)
    const kind = holdAfter(head.hold, request.hold ?? 'until_release')
    if (kind !== null) edit.setHold(kind, rolledBackFrom(stable), act.reason)
  }
  return edit.finish((after) => ({
    prompt_id: after.promptId,
    version: target.label,
    status: 'stable',
    changed,
    previous: stable?.label ?? null,
    hold: holdDocument(after.hold),
    revision: after.revision,
  }))
}

/** Makes a released version stable again, without counting as its promotion. */
export function moveStableBack(edit: PromptEdit, stable: VersionRecord | null, target: VersionRecord): void {
  if (stable !== null && edit.current(stable).status === 'stable')
    edit.updateVersion(stable, { status: 'deprecated' })
  edit.updateVersion(target, { status: 'stable' })
  edit.setStable(target.label)
  edit.log('rolled_back', { from: stable?.label ?? null, to: target.label })
}

/** The hold that a rollback sets; `null` where what there is stays. A freeze is never weakened. */
function holdAfter(hold: Hold | null, asked: 'until_release' | 'until_lifted' | 'none'): Hold['kind'] | null {
  if (asked === 'none' || hold?.kind === 'until_lifted') return null
  return asked
}

function rolledBackFrom(stable: VersionRecord | null): Hold['rolledBackFrom'] {
  return stable === null ? null : { label: stable.label, identity: stable.identity }
}

export function nothingToRollBackTo(
  promptId: string,
  nextMove = 'Promote another version, or name a released one.',
): RegistryError {
  return new RegistryError(
    'nothing_to_roll_back_to',
    `The prompt "${promptId}" has no earlier release to go back to. ${nextMove}`,
    {
      details: { prompt_id: promptId },
    },
  )
}
