import type { PromptId } from '../contract/prompt-id.ts'
import type { Page, Paged } from './prompt-store.ts'
import type { StoredEvidence } from './records.ts'

export interface StoredEvidenceQuery extends Paged {
  readonly promptId: PromptId
  /** Only statements whose identity or payload hash is one of these. */
  readonly about?: readonly string[]
}

/**
 * The port to the statements that were posted about prompts. `PromptStore.commit` writes them, together with their
 * event. A purge of the prompt removes them.
 *
 * Every adapter guarantees:
 * - Reads are strongly consistent.
 * - Envelopes are returned byte for byte.
 * - Failures are `RegistryError`: `busy` if a later retry may help, else `unavailable`.
 */
export interface EvidenceStore {
  /** Newest first. Empty if the prompt does not exist. */
  page(query: StoredEvidenceQuery): Promise<Page<StoredEvidence>>

  /** Whether the prompt has the statement with this hash. */
  has(id: PromptId, sha256: string): Promise<boolean>
}
