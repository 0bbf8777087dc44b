import type { Mode } from '../api/contract/mode.ts'
import type { Reference } from '../api/contract/reference.ts'
import type { Json, Status } from '../api/contract/version.ts'
import type { TierName } from './errors.ts'

export interface Question {
  /** As the caller wrote it; it is valid. */
  readonly reference: string
  readonly parsed: Reference
  /** Not given: the registry answers as for production, or in the strictest mode that it allows. */
  readonly mode: Mode | undefined
}

/** A text and where it came from. What an older registry or a local file does not tell is `null`. */
export interface Found {
  readonly text: string
  readonly promptId: string
  readonly version: string | null
  readonly status: Status | null
  readonly variables: Json | null
  readonly config: Json | null
  /** The tier that read it: `http` also for a text remembered from there. */
  readonly tier: TierName
  /** Milliseconds since it was read; 0 for a text read now. */
  readonly ageMs: number
  /** True for a remembered text: the registry may have a newer one. */
  readonly stale: boolean
}

/**
 * One place to look for a prompt. The caller is `PromptRegistryClient`, which asks tier after tier, each within a
 * share of the deadline.
 */
export interface Tier {
  readonly name: TierName
  /** To begin a sentence with: `The registry at http://localhost:8080`. */
  readonly title: string
  /** What an answer waits for, at worst. */
  readonly waitsFor: 'network' | 'disk' | 'nothing'
  /**
   * Gives the text, `undefined` when the tier has nothing to say, or rejects with `RegistryError`,
   * `TransportError` or `LocalFileError`. Code `revoked` ends the search.
   */
  find(question: Question, signal: AbortSignal): Promise<Found | undefined>
}
