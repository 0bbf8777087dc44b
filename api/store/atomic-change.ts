import type { PromptId } from '../contract/prompt-id.ts'
import type { VersionName } from '../contract/version-name.ts'
import type { Head, NameClaim, PromptEvent, StoredEvidence, VersionRecord } from './records.ts'
import type { PointerChange } from './set-records.ts'

/** One atomic change of one prompt. */
export interface AtomicChange {
  readonly promptId: PromptId
  /** The revision on which the change is based; 0 if the prompt is new. */
  readonly expectedRevision: number
  readonly head: Head
  /** New and changed versions, complete. */
  readonly versions: readonly VersionRecord[]
  /** The text of a version that is new or whose row was lost; `null` if there is none. */
  readonly content: NewContent | null
  readonly names: readonly NameClaim[]
  /** At least one. The sequence of the last one is `head.revision`. */
  readonly events: readonly PromptEvent[]
  /** A statement that is stored with the change. Only for stores with an `EvidenceStore`. */
  readonly evidence?: StoredEvidence
  /** Moves of pointers that commit together with the change, at most one for each source. Absent if there are none. */
  readonly pointers?: readonly PointerChange[]
}

export interface NewContent {
  readonly version: VersionName
  readonly sha256: string
  readonly text: string
  /** Empty if the file has none; `null` for a version without a file. */
  readonly frontMatter: string | null
  /** The manifest of the version and the text files in it, each once. Absent if there is none. */
  readonly files?: readonly StoredFile[]
}

/** Text that a prompt stores once, by its digest. */
export interface StoredFile {
  readonly sha256: string
  readonly text: string
}
