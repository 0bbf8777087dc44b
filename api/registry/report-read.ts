import type { PromptId } from '../contract/prompt-id.ts'
import type { VersionName } from '../contract/version-name.ts'

/** A version that a request received, or already has. */
export interface ReadVersion {
  readonly promptId: PromptId
  /** Its label. */
  readonly version: VersionName
}

/** Receives each version that a reading request was answered with. */
export type ReportRead = (read: ReadVersion) => void
