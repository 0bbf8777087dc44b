import type { HoldAnswer } from '../contract/registry-api.ts'
import type { Snapshot } from '../store/records.ts'
import { holdDocument } from './documents.ts'
import { type Act, PromptEdit, type Step } from './prompt-edit.ts'

/** Freezes a prompt: releases do not reach it until the hold is lifted. A hold of a rollback becomes a freeze. */
export function decideHold(snapshot: Snapshot, act: Act): Step<HoldAnswer> {
  const { head } = snapshot
  const edit = new PromptEdit(snapshot, head.promptId, act)
  if (head.hold?.kind !== 'until_lifted')
    edit.setHold('until_lifted', head.hold?.rolledBackFrom ?? null, act.reason)
  return answer(edit, snapshot)
}

/** Lifts whatever hold there is. */
export function decideUnhold(snapshot: Snapshot, act: Act): Step<HoldAnswer> {
  const edit = new PromptEdit(snapshot, snapshot.head.promptId, act)
  if (snapshot.head.hold !== null) edit.liftHold()
  return answer(edit, snapshot)
}

function answer(edit: PromptEdit, before: Snapshot): Step<HoldAnswer> {
  return edit.finish((head) => ({
    prompt_id: head.promptId,
    hold: holdDocument(head.hold),
    changed: head.revision !== before.head.revision,
    revision: head.revision,
  }))
}
