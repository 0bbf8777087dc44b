import { RegistryError } from '../../api/contract/errors.ts'
import { reconcile } from '../reconcile.ts'
import { SourceError } from '../source/git-source.ts'
import { failedState, unsettled, withConditions, withQuotas } from '../state/next-state.ts'
import { type Failure, failureObservations } from '../state/observations.ts'
import { configDigest, parseState } from '../state/source-state.ts'
import { heartbeatDue } from './pass.ts'
import type { PassInput } from './pass-input.ts'
import { failureReport, type PassReport } from './pass-report.ts'

/** A pass whose failure is a report like any other, and is written into the source's state where that is possible. */
export async function runPass(input: PassInput): Promise<PassReport> {
  const { reporting } = input
  return reporting === undefined ? await attempt(input) : await reporting(input, attempt)
}

async function attempt(input: PassInput): Promise<PassReport> {
  const startedAt = input.now()
  try {
    return await reconcile(input)
  } catch (error) {
    input.signal?.throwIfAborted()
    const report = failureReport(input.source.name, sentenceOf(error), startedAt, input.now())
    if (!isOthersTurn(error)) await tell(input, report, failureOf(error)).catch(() => undefined)
    return report
  }
}

/** While another writer is at work the state is that writer's, also as soon as it is done. */
function isOthersTurn(error: unknown): boolean {
  return error instanceof RegistryError && (error.code === 'lease_held' || error.code === 'lease_lost')
}

/** Leaves what is settled as it is. The same failure again is told at most as often as a heartbeat. */
async function tell(input: PassInput, report: PassReport, failure: Failure): Promise<void> {
  const { api, git, source, now, random } = input
  const document = await api.source(source.name)
  const known = parseState(document.state)
  if (known?.last_pass?.message === report.message && !heartbeatDue(known, now())) return
  const before = known ?? unsettled(configDigest(source), document.attention, now())
  const state = failedState(before, report, random())
  await api.recordSource(source.name, {
    expected_revision: document.revision,
    state: withQuotas(
      withConditions(state, failureObservations(report, failure), report),
      git.quotas?.() ?? [],
    ),
  })
}

function failureOf(error: unknown): Failure {
  if (error instanceof SourceError) return { of: 'repository', reason: error.code }
  if (error instanceof RegistryError) return { of: 'registry', reason: error.code }
  return { of: 'other', reason: 'failed' }
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
