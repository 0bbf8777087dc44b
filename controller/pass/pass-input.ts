import type { StatementSigner } from '../../api/contract/attestation/signer.ts'
import type { RegistryApi, SourceDocument } from '../../api/contract/registry-api.ts'
import type { SourceConfig } from '../configuration/config.ts'
import type { Finding } from '../findings/finding.ts'
import type { ChangeOutcome } from '../plan/outcomes.ts'
import type { Plan } from '../plan/plan.ts'
import type { GitSnapshot, GitSource } from '../source/git-source.ts'
import type { FindPullRequests } from '../source/merged-pull-request.ts'
import type { Moment, Wishes } from '../state/due-pass.ts'
import type { PassReport } from '../state/pass-report.ts'

/** Everything that a pass of one source needs. */
export interface PassInput extends Wishes {
  readonly source: SourceConfig
  readonly git: GitSource
  readonly api: RegistryApi
  /** The source's state, read before the refs were listed. Default: the pass reads it itself. */
  readonly document?: Promise<SourceDocument> | undefined
  /** Names this writer. Must be unique among running writers. */
  readonly holder: string
  /** The repository's address, without credentials, that versions record as their origin. */
  readonly repository: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** At least 0, below 1. */
  readonly random: () => number
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  /** How many prompts are compared at a time. Default: enough to fill requests, in some 5 MB. */
  readonly promptsAtOnce?: number | undefined
  readonly leaseSeconds?: number
  readonly patienceMs?: number
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** Called with the plan before it is carried out, even if it is then held. */
  readonly onPlan?: ((planned: Planned) => void) | undefined
  /** Called with the outcomes of the plan's changes. */
  readonly onOutcomes?: ((outcomes: Iterable<ChangeOutcome>) => void) | undefined
  /** Wraps each step of the pass, to trace it. */
  readonly traced?: TraceStep | undefined
  /** Wraps the pass to report it elsewhere. */
  readonly reporting?: Reporting | undefined
  /** Finds who approved releases. Default: the audit trail does not name them. */
  readonly findPullRequests?: FindPullRequests | undefined
  /** The registry of the environment that the source promotes from. Default: its releases wait. */
  readonly promotesFrom?: RegistryApi | undefined
  /** Signs the sets of releases. Default: nobody signs them. */
  readonly signer?: StatementSigner | undefined
}

export type PassStep = 'list' | 'read' | 'plan' | 'apply'

/** Runs the work, and returns its result. */
export type TraceStep = <T>(step: PassStep, work: () => Promise<T>) => Promise<T>

/** A pass that observed its source. */
export interface ObservedPass extends PassInput {
  readonly moment: Moment
  /** All findings of the source before the pass. */
  readonly before: readonly Finding[]
  readonly snapshot: GitSnapshot
}

/** A pass that holds its source's lease. */
export interface LeasedPass extends ObservedPass {
  readonly token: number
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  readonly startedAt: number
}

/** A plan and its inputs. */
export interface Planned {
  readonly plan: Plan
  readonly moment: Moment
  /** All findings of the source before the pass. */
  readonly findings: readonly Finding[]
}

/** Number of changes made so far. */
export interface Progress {
  readonly done: number
  readonly total: number
}

/** Runs the pass and returns its report unchanged. A failure to report it elsewhere has no effect on it. */
export type Reporting = (
  input: PassInput,
  pass: (input: PassInput) => Promise<PassReport>,
) => Promise<PassReport>

export function callOptions(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { signal }
}
