import type { RegistryApi, SourceDocument } from '../../api/contract/registry-api.ts'
import type { Progress } from '../apply.ts'
import type { SourceConfig } from '../config.ts'
import type { Plan } from '../plan.ts'
import type { GitSource } from '../source/git-source.ts'
import type { Outcome } from './outcomes.ts'
import type { Moment, Wishes } from './pass.ts'
import type { PassReport } from './pass-report.ts'

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
  /** Told of the plan before anything of it is done, also where it is then held. */
  readonly onPlan?: ((plan: Plan, moment: Moment) => void) | undefined
  /** Told of what became of the plan's changes. */
  readonly onOutcomes?: ((outcomes: readonly Outcome[]) => void) | undefined
  /** Tells others of the pass around which it is put. */
  readonly reporting?: Reporting | undefined
}

/** Runs the pass, and gives its report as it is: what goes wrong in telling others of it changes nothing. */
export type Reporting = (
  input: PassInput,
  pass: (input: PassInput) => Promise<PassReport>,
) => Promise<PassReport>

export function callOptions(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { signal }
}
