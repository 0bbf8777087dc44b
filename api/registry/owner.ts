import type { OwnerAnswer, OwnerRequest } from '../contract/registry-api.ts'
import type { Snapshot } from '../store/records.ts'
import type { Act } from './act.ts'
import { type EditStep, PromptEdit } from './prompt-edit.ts'

/** Transfers a prompt to another source, or removes its owner. */
export function decideTransfer(snapshot: Snapshot, request: OwnerRequest, act: Act): EditStep<OwnerAnswer> {
  const { head } = snapshot
  const edit = new PromptEdit(snapshot, head.promptId, act)
  if (head.owner !== request.source) edit.setOwner(request.source)
  return edit.finish((after) => ({
    prompt_id: after.promptId,
    source: after.owner,
    changed: after.revision !== head.revision,
    revision: after.revision,
  }))
}
