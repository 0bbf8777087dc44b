import type { ArchiveAnswer, ArchiveOperation } from '../contract/registry-api.ts'
import type { Snapshot } from '../store/records.ts'
import { authorizeOwner } from './authority.ts'
import type { Caller } from './caller.ts'
import { existing } from './guards.ts'
import { type Act, type EditStep, PromptEdit } from './prompt-edit.ts'

/**
 * Records that a source no longer has a prompt, or has it again. The prompt is still served, so holds do not
 * apply. Throws `not_found` and the errors of `authorizeOwner`.
 */
export function decideArchive(
  request: ArchiveOperation,
  snapshot: Snapshot | undefined,
  caller: Caller,
  act: Act,
): EditStep<ArchiveAnswer> {
  const { archived } = request
  const { head } = existing(request.prompt_id, snapshot)
  const authority = authorizeOwner(head, caller, { ...request, leaseToken: request.lease_token })
  const edit = new PromptEdit(snapshot, head.promptId, act, authority)
  const changed = archived !== (head.archived ?? false)
  if (changed) edit.setArchived(archived)
  return edit.finish((after, applied) => ({
    prompt_id: after.promptId,
    archived,
    changed,
    applied,
    revision: after.revision,
  }))
}
