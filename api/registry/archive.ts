import { RegistryError } from '../contract/errors.ts'
import { type PromptId, parsePromptId, promptIdKey } from '../contract/prompt-id.ts'
import type { ArchiveAnswer, ArchiveOperation } from '../contract/registry-api.ts'
import type { Head, Snapshot } from '../store/records.ts'
import type { Act } from './act.ts'
import { authorizeOwner } from './authority.ts'
import type { Caller } from './caller.ts'
import { existing } from './guards.ts'
import { type EditStep, PromptEdit } from './prompt-edit.ts'

/**
 * Records that a source no longer has a prompt, or has it again. The prompt is still served, so holds do not
 * apply. Throws `not_found`, `invalid_request`, `invalid_prompt_id` and the errors of `authorizeOwner`.
 */
export function decideArchive(
  request: ArchiveOperation,
  snapshot: Snapshot | undefined,
  caller: Caller,
  act: Act,
): EditStep<ArchiveAnswer> {
  const { archived } = request
  const { head } = existing(request.prompt_id, snapshot)
  const movedTo = targetOf(request, head)
  const authority = authorizeOwner(head, caller, { ...request, leaseToken: request.lease_token })
  const edit = new PromptEdit(snapshot, head.promptId, act, authority)
  const changed = archived !== (head.archived ?? false) || movedTo !== (head.movedTo ?? null)
  if (changed) edit.setArchived(archived, movedTo)
  return edit.finish((after, applied) => ({
    prompt_id: after.promptId,
    archived,
    changed,
    applied,
    revision: after.revision,
  }))
}

/** Where the prompt is afterwards. A request without `moved_to` keeps what an archived prompt has. */
function targetOf({ archived, moved_to }: ArchiveOperation, head: Head): PromptId | null {
  if (moved_to !== undefined && promptIdKey(moved_to) === promptIdKey(head.promptId)) {
    throw new RegistryError(
      'invalid_request',
      `moved_to: is "${moved_to}", the prompt itself. Name the prompt that replaces it, or leave it out.`,
    )
  }
  if (!archived) return null
  return moved_to === undefined ? (head.movedTo ?? null) : parsePromptId(moved_to)
}
