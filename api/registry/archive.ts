import type { ArchiveAnswer, ArchiveOperation } from '../contract/registry-api.ts'
import type { Snapshot } from '../store/records.ts'
import { authorizeOwner } from './authority.ts'
import type { Caller } from './caller.ts'
import { existing } from './guards.ts'
import { type Act, PromptEdit, type Step } from './prompt-edit.ts'

/**
 * Lists a prompt as one that its source no longer has, or has again. Nothing about what is served changes, so a hold
 * does not stand against it. Throws `not_found` and what `authorizeOwner` throws.
 */
export function decideArchive(
  request: ArchiveOperation,
  snapshot: Snapshot | undefined,
  caller: Caller,
  act: Act,
): Step<ArchiveAnswer> {
  const { archived } = request
  const { head } = existing(request.prompt_id, snapshot)
  const authority = authorizeOwner(head, caller, { ...request, leaseToken: request.lease_token })
  const edit = new PromptEdit(snapshot, head.promptId, act, authority)
  const changed = archived !== (head.archived ?? false)
  if (changed) edit.setArchived(archived)
  return edit.finish((after) => ({ prompt_id: after.promptId, archived, changed, revision: after.revision }))
}
