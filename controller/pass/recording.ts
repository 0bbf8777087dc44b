import type { SourceDocument } from '../../api/contract/registry-api.ts'
import { countChanges, type Plan } from '../plan.ts'
import { begunState, confirmedState, unsettled, withQuotas } from '../state/next-state.ts'
import { observationsOf, verifiedObservation } from '../state/observations.ts'
import type { SourceState } from '../state/source-state.ts'
import { isHeld, type Moment } from './pass.ts'
import { callOptions, type PassInput } from './pass-input.ts'
import type { PassReport } from './pass-report.ts'

/** How a pass writes its source's state. */

const LEDGER_PAGE = 1000

/** A pass that is its source's one writer. */
export interface Run extends PassInput {
  readonly token: number
  readonly signal: AbortSignal
  readonly startedAt: number
}

/**
 * Writes down, before anything is changed, what a kill must not undo: that a person let a mass change through, where
 * each new tag first counted, which is for ever, which of them are unsigned, and that there is something to be finished.
 */
export async function begin(run: Run, moment: Moment, plan: Plan) {
  const { revision, ledger_length: ledgerLength } = moment.document
  const known = moment.state ?? unsettled(moment.configDigest, moment.document.attention, moment.now)
  const { counted } = plan
  if (counted.length === 0 && countChanges(plan) === 0) return { state: known, revision, ledgerLength }

  const isLetThrough = plan.massChange !== null && isHeld(moment)
  const state = begunState(isLetThrough ? confirmedState(known, moment) : known, plan)
  let written = await record(run, state, revision, counted.slice(0, LEDGER_PAGE))
  for (let from = LEDGER_PAGE; from < counted.length; from += LEDGER_PAGE)
    written = await record(run, state, written.revision, counted.slice(from, from + LEDGER_PAGE))
  return { state, revision: written.revision, ledgerLength: written.ledger_length }
}

export async function record(
  { api, git, source, token, signal }: Run,
  state: SourceState,
  revision: number,
  ledger: { tag: string; commit: string }[] | Plan['counted'] = [],
) {
  const request = {
    expected_revision: revision,
    state: withQuotas(state, git.quotas?.() ?? []),
    lease_token: token,
    ledger: [...ledger],
  }
  return await api.recordSource(source.name, request, callOptions(signal))
}

/** Writes what was seen, without a lease. Somebody else's writing matters more. */
export async function tell(
  { api, git, source }: PassInput,
  document: SourceDocument,
  state: SourceState,
): Promise<void> {
  const told = withQuotas(state, git.quotas?.() ?? [])
  const request = { expected_revision: document.revision, state: told }
  await api.recordSource(source.name, request).catch(() => undefined)
}

/** What a pass saw; `plan` is not given where it made none. */
export function seen(report: PassReport, moment: Moment, waiting: number, plan?: Plan) {
  const { listing, frozenUntil } = moment
  const observed = observationsOf(report, listing.branch, listing.commit, { frozenUntil, waiting })
  return plan === undefined ? observed : [...observed, ...verifiedObservation(report, plan)]
}
