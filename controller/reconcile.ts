import type { PromptRow, RegistryApi, SourceDocument } from '../api/contract/registry-api.ts'
import { allPages } from '../client/pages.ts'
import { applyPlan, type Progress } from './apply.ts'
import { saysOtherwise } from './conditions.ts'
import type { SourceConfig } from './config.ts'
import { inFreeze } from './freeze.ts'
import { type GatherInput, gather, type Remembered } from './gather.ts'
import { withLease } from './lease.ts'
import {
  confirmedState,
  countWaiting,
  heldState,
  lookedState,
  settledState,
  unsettled,
  withConditions,
} from './next-state.ts'
import { observationsOf, suspendedObservations } from './observations.ts'
import type { Observed } from './observed.ts'
import { dueKind, heartbeatDue, isConfirmed, isHeld, type Moment, type Wishes } from './pass.ts'
import {
  heldMessage,
  heldReport,
  idleReport,
  type PassReport,
  reportOf,
  suspendedReport,
} from './pass-report.ts'
import { makePlan, type Plan } from './plan.ts'
import { type GitSnapshot, type GitSource, SourceError } from './source/git-source.ts'
import { configDigest, parseState, type SourceState } from './source-state.ts'

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

const LEDGER_PAGE = 1000

/**
 * Makes the registry have what git has: reads the state, lists the refs, and where anything moved plans and applies
 * it as the source's one writer. Running it twice changes nothing the second time, and a kill at any moment is
 * mended by the next run. Rejects where the repository, the registry or the lease cannot be had.
 */
export async function reconcile(input: PassInput): Promise<PassReport> {
  const startedAt = input.now()
  let report = await reconcileOnce(input, startedAt)
  // Whoever wrote meanwhile may have seen newer refs: with ours, the registry would go back to older drafts.
  while (report === OVERTAKEN) report = await reconcileOnce({ ...input, document: undefined }, startedAt)
  return report
}

/** Another writer was at work between the look at the refs and the lease; so others got on, if not this pass. */
const OVERTAKEN = Symbol('overtaken')

async function reconcileOnce(input: PassInput, startedAt: number): Promise<PassReport | typeof OVERTAKEN> {
  if (input.source.suspended) return await standBy(input, startedAt)
  const moment = await observe(input)
  if (moment.state !== null && dueKind(moment, input) === 'none')
    return await look(input, moment, moment.state, startedAt)
  return await withSnapshot(input, moment, (snapshot) =>
    withLease(leaseOptions(input), async (token, signal) => {
      const run = { ...input, token, signal, startedAt }
      const current = await refresh(run, moment)
      if (current.document.revision !== moment.document.revision) return OVERTAKEN
      const plan = await planFrom(run, current, snapshot)
      return plan.massChange === null || isConfirmed(current, input)
        ? await carryOut(run, current, plan, snapshot)
        : await hold(run, current, plan)
    }),
  )
}

/** Does nothing and says so, once. */
async function standBy(input: PassInput, startedAt: number): Promise<PassReport> {
  const { api, source, now, signal } = input
  const document = await (input.document ?? api.source(source.name, callOptions(signal)))
  const known = parseState(document.state)
  const report = suspendedReport(source.name, known, startedAt, now())
  const observed = suspendedObservations(report)
  const state = known ?? unsettled(configDigest(source), document.attention, now())
  if (saysOtherwise(state.conditions, observed))
    await tell(input, document, withConditions(lookedState(state, report), observed, report))
  return report
}

/** Nothing to do. That is told at most once a minute, and where it is news. */
async function look(
  input: PassInput,
  moment: Moment,
  state: SourceState,
  startedAt: number,
): Promise<PassReport> {
  const { source, now } = input
  const report = idleReport(source.name, state, startedAt, now())
  const observed = seen(report, moment, state.waiting)
  if (heartbeatDue(state, now()) || saysOtherwise(state.conditions, observed))
    await tell(input, moment.document, withConditions(lookedState(state, report), observed, report))
  return report
}

/** Changes nothing, and remembers why. */
async function hold(run: Run, moment: Moment, plan: Plan): Promise<PassReport> {
  const { startedAt, now } = run
  const report = heldReport(plan, heldMessage(plan), startedAt, now())
  const before = moment.state ?? unsettled(moment.configDigest, moment.document.attention, moment.now)
  const state = heldState(before, moment, report)
  await record(
    run,
    withConditions(state, seen(report, moment, state.waiting), report),
    moment.document.revision,
  )
  return report
}

async function carryOut(run: Run, moment: Moment, plan: Plan, snapshot: GitSnapshot): Promise<PassReport> {
  const { api, repository, token, signal, onProgress, startedAt, now, random } = run
  const begun = await begin(run, moment, plan)
  const { state: before } = begun
  const outcomes = await applyPlan(plan, { api, snapshot, repository, leaseToken: token, signal, onProgress })
  const report = reportOf(plan, outcomes, before, startedAt, now())
  const waiting = countWaiting(plan, outcomes)
  const done = { ledgerLength: begun.ledgerLength, waiting, random: random() }
  const state = settledState(before, moment, report, plan, done)
  await record(run, withConditions(state, seen(report, moment, state.waiting), report), begun.revision)
  return report
}

/** The very plan that a pass would carry out now; changes nothing. */
export async function preview(input: PassInput): Promise<Plan> {
  const moment = await observe(input)
  return await withSnapshot(input, moment, (snapshot) =>
    planFrom({ ...input, retryNow: true, confirm: true }, moment, snapshot),
  )
}

/** Works on the listing's commits, and gives the repository free again. */
async function withSnapshot<T>(
  input: PassInput,
  moment: Moment,
  work: (snapshot: GitSnapshot) => Promise<T>,
): Promise<T> {
  const snapshot = await input.git.open(moment.listing, input.signal)
  try {
    return await work(snapshot)
  } finally {
    await snapshot.close()
  }
}

/**
 * One read of the registry, then one listing of the refs. The other way round, another writer's newer refs could be
 * written between the two, and nobody would notice that ours are older.
 */
async function observe(input: PassInput): Promise<Moment> {
  const { api, git, source, now, signal } = input
  const document = await (input.document ?? api.source(source.name, callOptions(signal)))
  const listing = await git.listRefs(signal)
  return {
    document,
    state: parseState(document.state),
    listing,
    configDigest: configDigest(source),
    now: now(),
    frozenUntil: inFreeze(source.freeze, now()),
  }
}

async function refresh({ api, source, signal }: PassInput, moment: Moment): Promise<Moment> {
  const document = await api.source(source.name, callOptions(signal))
  return { ...moment, document, state: parseState(document.state) }
}

async function planFrom(input: PassInput, moment: Moment, snapshot: GitSnapshot): Promise<Plan> {
  const { source } = input
  const ledger = await readLedger(input, moment.document)
  const due = dueKind(moment, input)
  const kind = due === 'none' ? 'changes' : due
  const common = {
    source,
    listing: moment.listing,
    snapshot,
    ledger: new Map(ledger),
    readRows: () => readRows(input),
    remembered: rememberedBy(moment.state),
  }
  const found = await gatherOrStartOver({ ...common, kind, since: sinceOf(kind, moment.state, ledger) })
  const { frozenUntil } = moment
  return makePlan(found, {
    ...source,
    frozenUntil: frozenUntil === null ? null : new Date(frozenUntil).toISOString(),
  })
}

/** A commit that the last pass saw may be gone after a force push: then everything is compared. */
async function gatherOrStartOver(input: GatherInput): Promise<Observed> {
  try {
    return await gather(input)
  } catch (error) {
    if (input.since === null || !(error instanceof SourceError) || error.code !== 'object_missing')
      throw error
    return await gather({ ...input, kind: 'full', since: null })
  }
}

function sinceOf(
  kind: Observed['kind'],
  state: SourceState | null,
  ledger: readonly (readonly [string, string])[],
) {
  if (kind !== 'changes' || state?.watermark == null) return null
  const settled = ledger.slice(0, state.watermark.ledger_length).map(([tag]) => tag)
  return { commit: state.watermark.commit, settledTags: new Set(settled) }
}

function rememberedBy(state: SourceState | null): Remembered {
  return {
    layout: state?.layout ?? null,
    quarantined: state?.quarantined ?? [],
    quarantinedCount: state?.quarantined_count ?? 0,
  }
}

async function readLedger(
  { api, source, signal }: PassInput,
  document: SourceDocument,
): Promise<[string, string][]> {
  if (document.ledger_length === 0) return []
  const page = (cursor: { readonly cursor?: string }) =>
    api.ledger(source.name, { limit: LEDGER_PAGE, ...cursor }, callOptions(signal))
  const entries = await Array.fromAsync(allPages(page, (answer) => answer.ledger))
  return entries.map(({ tag, commit }) => [tag, commit])
}

async function readRows({ api, source, signal }: PassInput): Promise<ReadonlyMap<string, PromptRow>> {
  const page = (cursor: { readonly cursor?: string }) =>
    api.list({ source: source.name, limit: 1000, ...cursor }, callOptions(signal))
  const rows = await Array.fromAsync(allPages(page, (answer) => answer.prompts))
  return new Map(rows.map((row) => [row.prompt_id, row]))
}

interface Run extends PassInput {
  readonly token: number
  readonly signal: AbortSignal
  readonly startedAt: number
}

/**
 * Writes down, before anything is promoted, what a kill must not undo: that a person let a mass change through, and
 * where each new tag first counted, which is for ever.
 */
async function begin(run: Run, moment: Moment, plan: Plan) {
  const { document } = moment
  let { state } = moment
  let written = { revision: document.revision, ledger_length: document.ledger_length }
  if (plan.massChange !== null && state !== null && isHeld(moment)) {
    state = confirmedState(state, moment)
    written = await record(run, state, written.revision)
  }
  const known = state ?? unsettled(moment.configDigest, document.attention, moment.now)
  for (let from = 0; from < plan.counted.length; from += LEDGER_PAGE)
    written = await record(run, known, written.revision, plan.counted.slice(from, from + LEDGER_PAGE))
  return { state, revision: written.revision, ledgerLength: written.ledger_length }
}

async function record(
  { api, source, token, signal }: Run,
  state: SourceState,
  revision: number,
  ledger: { tag: string; commit: string }[] | Plan['counted'] = [],
) {
  const request = { expected_revision: revision, state, lease_token: token, ledger: [...ledger] }
  return await api.recordSource(source.name, request, callOptions(signal))
}

/** Writes what was seen, without a lease. Somebody else's writing matters more. */
async function tell({ api, source }: PassInput, document: SourceDocument, state: SourceState): Promise<void> {
  await api.recordSource(source.name, { expected_revision: document.revision, state }).catch(() => undefined)
}

function seen(report: PassReport, { listing, frozenUntil }: Moment, waiting: number) {
  return observationsOf(report, listing.branch, listing.commit, { frozenUntil, waiting })
}

function leaseOptions(input: PassInput) {
  const { api, source, holder, pause, signal, leaseSeconds = 60, patienceMs = 15_000 } = input
  return { api, source: source.name, holder, ttlSeconds: leaseSeconds, patienceMs, pause, signal }
}

function callOptions(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { signal }
}
