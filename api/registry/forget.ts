import type { Snapshot } from '../store/records.ts'
import type { Act } from './act.ts'
import { type EditStep, PromptEdit } from './prompt-edit.ts'

/** Changes a prompt when the registry forgets its source. */

/** Without deletion, the prompt is still served but has no owner, so the next source that pushes it owns it. */
export function decideAbandon(snapshot: Snapshot, act: Act): EditStep<void> {
  const { head } = snapshot
  const edit = new PromptEdit(snapshot, head.promptId, act)
  if (head.owner !== null) edit.setOwner(null)
  if (head.archived !== true && head.deleted === undefined) edit.setArchived(true)
  return edit.finish(() => undefined)
}

/** Reads return `gone` at once; the content is deleted afterwards. Revocations and holds stay on record. */
export function decideDelete(snapshot: Snapshot, act: Act): EditStep<void> {
  const { head } = snapshot
  const edit = new PromptEdit(snapshot, head.promptId, act)
  if (head.deleted === undefined) edit.setDeleted()
  return edit.finish(() => undefined)
}
