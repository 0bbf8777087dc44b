import type { StatementSigner } from '../contract/attestation/signer.ts'
import type { ErrorCode } from '../contract/errors.ts'
import type { Mode } from '../contract/mode.ts'
import type { Budget } from '../store/budget.ts'
import type { EvidenceStore } from '../store/evidence-store.ts'
import type { PromptStore } from '../store/prompt-store.ts'
import type { ReadStore } from '../store/read-store.ts'
import type { SetStore } from '../store/set-store.ts'
import type { SourceStore } from '../store/source-store.ts'

export interface RegistrySettings {
  /**
   * The modes that this deployment serves. If none of them includes drafts, no route returns the content of a
   * draft.
   */
  readonly allowedModes: readonly Mode[]
  /** Whether readers in staging and production may pin a deprecated version. */
  readonly deprecatedPins: 'serve' | 'block'
  /** Whether a promotion that breaks callers in a smaller step than major is refused until a person confirms it. */
  readonly inputs: 'report' | 'enforce'
}

/** The operations' access to store, clock, randomness and logs. */
export interface RegistryStores {
  readonly prompts: PromptStore
  readonly sources: SourceStore
  readonly sets: SetStore
  /** Absent if every writer could also post evidence, which would then prove nothing. */
  readonly evidence?: EvidenceStore | undefined
  readonly reads: ReadStore
}

export interface RegistryContext extends RegistryStores {
  /** The stores for one request, limited by its budget. Undefined if the store never makes a request wait. */
  readonly within?: (budget: Budget) => RegistryStores
  readonly settings: RegistrySettings
  /** Signs the sets that changes by hand make. Absent: such changes of signed sets are refused. */
  readonly emergencySigner?: StatementSigner | undefined
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** At least 0, below 1. */
  readonly random: () => number
  /** A new unique event id. */
  readonly newId: () => string
  /** The HTTP status of an error code, for the outcomes of a batch. */
  readonly statusOf: (code: ErrorCode) => number
}
