import type { EventType } from '../contract/registry-api.ts'
import type { Head, PromptEvent } from '../store/records.ts'

/** Who changes a prompt, when and why. */
export interface Act {
  readonly actor: string
  /** ISO 8601. */
  readonly at: string
  readonly reason: string | null
  readonly newId: () => string
}

export interface EventFields {
  readonly from?: string | null
  readonly to?: string | null
  readonly details?: PromptEvent['details']
}

/** The event after the last one of `head`. */
export function nextEvent(
  { actor, at, reason, newId }: Act,
  { promptId, revision }: Head,
  type: EventType,
  { from = null, to = null, details = null }: EventFields,
): PromptEvent {
  const sequence = revision + 1
  return { id: newId(), prompt_id: promptId, sequence, type, at, actor, reason, from, to, details }
}
