import type { HoldAnswer } from '../contract/registry-api.ts'
import type { Snapshot } from '../store/records.ts'
import type { Act } from './act.ts'
import { holdDocument } from './documents.ts'
import { type EditStep, PromptEdit } from './prompt-edit.ts'

/**
 * Freezes a prompt: no release is promoted until the hold is lifted. Turns the hold of a rollback into a freeze.
 */
export function decideHold(snapshot: Snapshot, act: Act): EditStep<HoldAnswer> {
  const { head } = snapshot
  const edit = new PromptEdit(snapshot, head.promptId, act)
  const { rolledBackFrom = null, above = null } = head.hold ?? {}
  if (head.hold?.kind !== 'until_lifted')
    edit.setHold({ kind: 'until_lifted', rolledBackFrom, above }, act.reason)
  return answer(edit, snapshot)
}

/** Lifts any hold. */
export function decideUnhold(snapshot: Snapshot, act: Act): EditStep<HoldAnswer> {
  const edit = new PromptEdit(snapshot, snapshot.head.promptId, act)
  if (snapshot.head.hold !== null) edit.liftHold()
  return answer(edit, snapshot)
}

function answer(edit: PromptEdit, before: Snapshot): EditStep<HoldAnswer> {
  return edit.finish((head) => ({
    prompt_id: head.promptId,
    hold: holdDocument(head.hold),
    changed: head.revision !== before.head.revision,
    revision: head.revision,
  }))
}
