import { RegistryError } from '../../api/contract/errors.ts'
import { LIMITS } from '../../api/contract/limits.ts'
import { clipText } from '../findings/clip-text.ts'
import { failedConditions } from '../findings/conditions.ts'
import type { Finding } from '../findings/finding.ts'
import { SourceError } from '../source/git-source.ts'
import { heartbeatDue } from '../state/due-pass.ts'
import { failedState, unsettled, withConditions, withFailure, withQuotas } from '../state/next-state.ts'
import { failureReport, type PassReport } from '../state/pass-report.ts'
import { configDigest, parseState, type SourceState } from '../state/source-state.ts'
import type { PassInput } from './pass-input.ts'
import { reconcile } from './reconcile.ts'
import { codeOf, troubleOf } from './trouble.ts'

/** Runs a pass. A failure becomes a report, and is recorded in the source's state if possible. */
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
    const report = failureReport(input.source.name, troubleOf(error), { startedAt, now: input.now() })
    if (!isOthersTurn(error)) await recordFailure(input, report, error).catch(() => undefined)
    return report
  }
}

/** Another writer holds the lease, or took it over, so the state is not ours to write. */
function isOthersTurn(error: unknown): boolean {
  return error instanceof RegistryError && (error.code === 'lease_held' || error.code === 'lease_lost')
}

/** Records the failure without touching the watermark. A repeated failure is recorded at most once a minute. */
async function recordFailure(input: PassInput, report: PassReport, error: unknown): Promise<void> {
  const { api, git, source, now, random } = input
  const document = await api.source(source.name)
  const known = parseState(document.state)
  if (known?.last_pass?.message === report.message && !heartbeatDue(known, now())) return
  const before = known ?? unsettled(configDigest(source), document.attention, now())
  const state = failedState(before, report, random())
  const finding = failureFinding(report, error, before)
  const conditions = failedConditions(report.message ?? '', {
    fetched: !(error instanceof SourceError),
    code: codeOf(error),
  })
  const next = withQuotas(
    withConditions(withFailure(state, finding), conditions, report),
    git.quotas?.() ?? [],
  )
  await api.recordSource(source.name, {
    expected_revision: document.revision,
    state: next,
    findings: { put: [finding] },
  })
}

function failureFinding(
  { source, message, cause, finished_at }: PassReport,
  error: unknown,
  before: SourceState,
): Finding {
  const code = codeOf(error) === 'too_large' ? 'too_many_files' : 'pass_failed'
  const known = before.findings.find((finding) => finding.code === code)
  return {
    code,
    subject: { kind: 'source', name: source },
    message: clipText(message ?? '', LIMITS.findingMessage),
    cause,
    first_seen: known?.first_seen ?? finished_at,
    details: { code: codeOf(error) },
  }
}
