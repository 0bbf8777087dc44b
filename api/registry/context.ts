import type { ErrorCode } from '../contract/errors.ts'
import type { Mode } from '../contract/mode.ts'
import type { PromptStore } from '../store/prompt-store.ts'
import type { SourceStore } from '../store/source-store.ts'

export interface RegistrySettings {
  /** The modes that this deployment answers. Where none of them sees drafts, no route shows a draft's text. */
  readonly allowedModes: readonly Mode[]
  /** Whether staging and production may pin a version that was released earlier. */
  readonly deprecatedPins: 'serve' | 'block'
}

/** All that the operations need of the world. */
export interface RegistryContext {
  readonly prompts: PromptStore
  readonly sources: SourceStore
  readonly settings: RegistrySettings
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** At least 0, below 1. */
  readonly random: () => number
  /** A new unique id, for an event. */
  readonly newId: () => string
  /** The wire's status for a code, which outcomes of a batch carry. */
  readonly statusOf: (code: ErrorCode) => number
}
