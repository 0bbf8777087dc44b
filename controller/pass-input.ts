import type { RegistryApi, SourceDocument } from '../api/contract/registry-api.ts'
import type { Progress } from './apply.ts'
import type { SourceConfig } from './config.ts'
import type { Wishes } from './pass.ts'
import type { GitSource } from './source/git-source.ts'

/** What a pass of one source works with. */
export interface PassInput extends Wishes {
  readonly source: SourceConfig
  readonly git: GitSource
  readonly api: RegistryApi
  /** The source's state as it was before the refs were listed; the pass reads it itself where it is not given. */
  readonly document?: Promise<SourceDocument> | undefined
  /** Names this writer to others; unique among living writers. */
  readonly holder: string
  /** What versions say of where they come from; without credentials. */
  readonly repository: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** At least 0, below 1. */
  readonly random: () => number
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly leaseSeconds?: number
  readonly patienceMs?: number
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

export function callOptions(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { signal }
}
