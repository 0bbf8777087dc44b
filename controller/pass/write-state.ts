import { LIMITS } from '../../api/contract/limits.ts'
import type { SourceDocument } from '../../api/contract/registry-api.ts'
import type { Finding } from '../findings/finding.ts'
import { findingChanges } from '../findings/findings.ts'
import type { Plan } from '../plan/plan.ts'
import { isHeld, type Moment } from '../state/due-pass.ts'
import { begunState, confirmedState, unsettled, withQuotas } from '../state/next-state.ts'
import type { SourceState } from '../state/source-state.ts'
import { callOptions, type LeasedPass, type PassInput } from './pass-input.ts'

/** How a pass writes its source's state. */

/** Ledger entries or findings per request. */
const PAGE = 1000

/** The state of a pass after it recorded its start. */
export interface Begun {
  readonly state: SourceState
  readonly revision: number
  readonly ledgerLength: number
}

/**
 * Records, before the first change, what must survive a kill: a confirmed mass change, the commit where each new
 * tag first counted (permanently), the unsigned tags, and that the pass has unfinished work.
 */
export async function begin(pass: LeasedPass, plan: Plan): Promise<Begun> {
  const { moment } = pass
  const { revision, ledger_length: ledgerLength } = moment.document
  const known = stateBefore(moment)
  const { counted } = plan
  if (counted.length + plan.current.length + plan.backfill.length === 0)
    return { state: known, revision, ledgerLength }

  const isLetThrough = plan.massChange !== null && isHeld(moment)
  const state = begunState(isLetThrough ? confirmedState(known, moment) : known, plan)
  let written = await write(pass, state, revision, { ledger: counted.slice(0, PAGE) })
  for (let from = PAGE; from < counted.length; from += PAGE)
    written = await write(pass, state, written.revision, { ledger: counted.slice(from, from + PAGE) })
  return { state, revision: written.revision, ledgerLength: written.ledger_length }
}

export function stateBefore({ state, configDigest, document, now }: Moment): SourceState {
  return state ?? unsettled(configDigest, document.attention, now)
}

/**
 * Writes the state and the changed findings in one transaction. If that takes several requests, all but the last
 * keep `begun` set, so that after a kill in between the next pass checks again.
 */
export async function writeState(
  pass: LeasedPass,
  plan: Plan,
  state: SourceState,
  revision: number,
  findings: readonly Finding[],
): Promise<void> {
  const requests = pagesOf(findingChanges(pass.before, findings))
  let at = revision
  for (const [index, changes] of requests.entries()) {
    const isLast = index === requests.length - 1
    const written = await write(pass, isLast ? state : begunState(state, plan), at, { findings: changes })
    at = written.revision
  }
}

type PassFindingChanges = ReturnType<typeof findingChanges>

/** Leaves room in the request body for the state. */
const FINDING_BYTES = LIMITS.bodyBytes / 2

/** Splits changes of findings into pages, at least one. */
function pagesOf({ put, remove }: PassFindingChanges): PassFindingChanges[] {
  const pages: { put: Finding[]; remove: PassFindingChanges['remove'] }[] = [{ put: [], remove: [] }]
  let bytes = 0
  for (const finding of put) {
    const size = Buffer.byteLength(JSON.stringify(finding), 'utf8')
    const last = pages.at(-1)
    if (last !== undefined && last.put.length < PAGE && bytes + size <= FINDING_BYTES) {
      last.put.push(finding)
      bytes += size
    } else {
      pages.push({ put: [finding], remove: [] })
      bytes = size
    }
  }
  for (const [index, page] of pages.entries()) page.remove = remove.slice(index * PAGE, (index + 1) * PAGE)
  for (let from = pages.length * PAGE; from < remove.length; from += PAGE)
    pages.push({ put: [], remove: remove.slice(from, from + PAGE) })
  return pages
}

async function write(
  { api, git, source, token, signal }: LeasedPass,
  state: SourceState,
  revision: number,
  beside: {
    readonly ledger?: Plan['counted']
    readonly findings?: PassFindingChanges
  },
) {
  const { ledger = [], findings } = beside
  const request = {
    expected_revision: revision,
    state: withQuotas(state, git.quotas?.() ?? []),
    lease_token: token,
    ledger: [...ledger],
    ...(findings !== undefined && { findings }),
  }
  return await api.recordSource(source.name, request, callOptions(signal))
}

/** Writes the state without a lease. Ignores failures, because another writer's update takes precedence. */
export async function writeUnleased(
  { api, git, source }: PassInput,
  document: SourceDocument,
  state: SourceState,
): Promise<void> {
  const current = withQuotas(state, git.quotas?.() ?? [])
  const request = { expected_revision: document.revision, state: current }
  await api.recordSource(source.name, request).catch(() => undefined)
}
