import { RegistryError } from '../api/contract/errors.ts'
import { failureReport, heartbeatDue, type PassReport, retryDelay, summaryOf } from './pass.ts'
import { type PassInput, reconcile, unsettled } from './reconcile.ts'
import { configDigest, parseState } from './source-state.ts'

/** A pass whose failure is a report like any other, and is written into the source's state where that is possible. */
export async function runPass(input: PassInput): Promise<PassReport> {
  const startedAt = input.now()
  try {
    return await reconcile(input)
  } catch (error) {
    input.signal?.throwIfAborted()
    const report = failureReport(input.source.name, sentenceOf(error), startedAt, input.now())
    if (!isOthersTurn(error)) await tell(input, report).catch(() => undefined)
    return report
  }
}

/** While another writer is at work the state is that writer's, also as soon as it is done. */
function isOthersTurn(error: unknown): boolean {
  return error instanceof RegistryError && (error.code === 'lease_held' || error.code === 'lease_lost')
}

/** Leaves what is settled as it is. The same failure again is told at most as often as a heartbeat. */
async function tell({ api, source, now, random }: PassInput, report: PassReport): Promise<void> {
  const document = await api.source(source.name)
  const known = parseState(document.state)
  if (known?.last_pass?.message === report.message && !heartbeatDue(known, now())) return
  const state = known ?? unsettled(configDigest(source), document.attention, now())
  const attempt = (state.retry?.attempt ?? 0) + 1
  const notBefore = new Date(now() + retryDelay(attempt, random())).toISOString()
  await api.recordSource(source.name, {
    expected_revision: document.revision,
    state: {
      ...state,
      retry: { attempt, not_before: notBefore, full: state.retry?.full ?? false },
      checked_at: report.finished_at,
      last_pass: summaryOf(report),
    },
  })
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
