import type { PassReport } from '../pass/pass-report.ts'
import type { Plan } from '../plan.ts'
import type { Observation } from './conditions.ts'

/** What a pass says of its source's conditions. Pure. */

/** Tags that a message names. */
const MOST_NAMES = 5

/** After a pass that saw the refs. `frozenUntil` in milliseconds since the epoch; `waiting`: promotions that wait. */
export function observationsOf(
  report: PassReport,
  branch: string,
  commit: string,
  freeze: { readonly frozenUntil: number | null; readonly waiting: number },
): Observation[] {
  return [
    {
      type: 'Fetched',
      status: 'True',
      reason: 'listed',
      message: `The branch "${branch}" is at ${commit.slice(0, 12)}.`,
      commit,
    },
    { ...heldObservation(report, freeze), commit },
    { ...readyObservation(report), commit },
  ]
}

/** Whether the release tags that a pass looked at are signed; nothing where the source does not ask for that. */
export function verifiedObservation(
  { findings, commit }: PassReport,
  { verification }: Pick<Plan, 'verification'>,
): Observation[] {
  if (verification === null) return []
  const common = { type: 'Verified', commit } as const
  const tags = findings.flatMap(({ kind, subject }) => (kind === 'unverified' ? [subject] : []))
  if (tags.length === 0 && verification.pending > 0) {
    const message = `${verification.pending} release tags are still to be looked at.`
    return [{ ...common, status: 'Unknown', reason: 'pending', message }]
  }
  if (tags.length === 0) {
    const message = 'Every new release tag is signed by somebody who may release.'
    return [{ ...common, status: 'True', reason: 'verified', message }]
  }
  const which = `${tags.slice(0, MOST_NAMES).join(', ')}${tags.length > MOST_NAMES ? ' and others' : ''}`
  const what = tags.length === 1 ? '1 release tag is' : `${tags.length} release tags are`
  const reason = verification.mode === 'require' ? 'refused' : 'unverified'
  const message = `${what} not signed by anybody who may release: ${which}. The findings say why.`
  return [{ ...common, status: 'False', reason, message }]
}

/** After a pass that failed before its plan: what it did not get to stays as it was. */
export function failureObservations(report: PassReport, failure: Failure): Observation[] {
  const { message } = report
  const told = { reason: failure.reason, message: message ?? '', commit: null }
  const ready: Observation = { type: 'Ready', status: 'False', ...told }
  return failure.of === 'repository' ? [{ type: 'Fetched', status: 'False', ...told }, ready] : [ready]
}

/** What a failure was of, and its code. */
export interface Failure {
  readonly of: 'repository' | 'registry' | 'other'
  readonly reason: string
}

/** Whether the source is ready stays as it was: nobody looks. */
export function suspendedObservations(report: PassReport): Observation[] {
  const { message, commit } = report
  return [{ type: 'Held', status: 'True', reason: 'suspended', message: message ?? '', commit }]
}

function heldObservation(
  { result, message }: PassReport,
  { frozenUntil, waiting }: { readonly frozenUntil: number | null; readonly waiting: number },
): Omit<Observation, 'commit'> {
  if (result === 'held')
    return { type: 'Held', status: 'True', reason: 'mass_change', message: message ?? '' }
  if (frozenUntil === null)
    return { type: 'Held', status: 'False', reason: 'free', message: 'Nothing keeps releases back.' }
  const waits = waiting === 1 ? '1 promotion waits' : `${waiting} promotions wait`
  const until = new Date(frozenUntil).toISOString()
  return {
    type: 'Held',
    status: 'True',
    reason: 'frozen',
    message: `Nothing is promoted in the freeze until ${until}; ${waits} for its end.`,
  }
}

function readyObservation(report: PassReport): Omit<Observation, 'commit'> {
  const { result, message, commit, counts, findings } = report
  const layout = findings.find(({ kind }) => kind === 'layout')
  if (result === 'held')
    return { type: 'Ready', status: 'False', reason: 'mass_change', message: message ?? '' }
  if (result !== 'synced' && result !== 'unchanged')
    return { type: 'Ready', status: 'False', reason: result, message: message ?? '' }
  if (layout !== undefined)
    return { type: 'Ready', status: 'False', reason: 'layout', message: layout.message }
  const at = commit === null ? '' : ` at ${commit.slice(0, 12)}`
  return {
    type: 'Ready',
    status: 'True',
    reason: 'synced',
    message: `All that the repository has${at} is in the registry${butFor(counts.quarantined ?? 0)}.`,
  }
}

function butFor(quarantined: number): string {
  if (quarantined === 0) return ''
  return quarantined === 1 ? ', but for 1 file in quarantine' : `, but for ${quarantined} files in quarantine`
}
