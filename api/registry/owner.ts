import type { OwnerAnswer, OwnerRequest } from '../contract/registry-api.ts'
import type { Snapshot } from '../store/records.ts'
import { type Act, PromptEdit, type Step } from './prompt-edit.ts'

/** Gives a prompt to another source, or to none. */
export function decideTransfer(snapshot: Snapshot, request: OwnerRequest, act: Act): Step<OwnerAnswer> {
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
