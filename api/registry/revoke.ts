import type { RevokeAnswer } from '../contract/registry-api.ts'
import type { Snapshot, VersionRecord } from '../store/records.ts'
import type { Caller } from './caller.ts'
import { type Act, PromptEdit, type Step } from './prompt-edit.ts'
import { moveStableBack, nothingToRollBackTo } from './rollback.ts'

/**
 * What a revocation does: every version with the text of `target` is never served again; where one of them is
 * stable, the prompt goes back to `fallback` in the same step. With nothing to go back to, only an admin may leave
 * the prompt without a stable version. Throws `nothing_to_roll_back_to`.
 */
export function decideRevoke(
  snapshot: Snapshot,
  target: VersionRecord,
  sameText: readonly VersionRecord[],
  fallback: VersionRecord | null,
  caller: Caller,
  act: Act,
): Step<RevokeAnswer> {
  const { head, stable } = snapshot
  const edit = new PromptEdit(snapshot, head.promptId, act)
  for (const version of sameText.filter((found) => found.status !== 'revoked')) {
    edit.updateVersion(version, { status: 'revoked' })
    edit.log('revoked', { to: version.label, details: { was: version.status } })
  }
  const stableRevoked = stable !== null && edit.current(stable).status === 'revoked'
  if (stableRevoked && fallback !== null) moveStableBack(edit, stable, fallback)
  if (stableRevoked && fallback === null) {
    if (caller.access !== 'admin') {
      throw nothingToRollBackTo(
        head.promptId,
        'Only an admin may revoke it and leave the prompt without a stable version.',
      )
    }
    edit.setStable(null, stable.label)
  }
  return edit.finish((after) => ({
    prompt_id: after.promptId,
    version: target.label,
    status: 'revoked',
    changed: after.revision !== head.revision,
    revoked: sameText.map((version) => version.label),
    stable: after.stable,
    revision: after.revision,
  }))
}
