import type { PromptRow, RegistryApi, SourceDocument } from '../api/contract/registry-api.ts'
import { allPages } from '../client/pages.ts'
import { applyPlan, type Progress } from './apply.ts'
import type { SourceConfig } from './config.ts'
import { type GatherInput, gather } from './gather.ts'
import { withLease } from './lease.ts'
import {
  dueKind,
  heartbeatDue,
  idleReport,
  type Moment,
  nextState,
  type PassReport,
  reportOf,
} from './pass.ts'
import { makePlan, type Observed, type Plan } from './plan.ts'
import { type GitSnapshot, type GitSource, SourceError } from './source/git-source.ts'
import { configDigest, parseState, type SourceState } from './source-state.ts'

/** What a pass of one source works with. */
export interface PassInput {
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
  /** Makes the pass a full one. */
  readonly force?: boolean
  /** Tries again now what waits for its time. */
  readonly retryNow?: boolean
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
  const moment = await observe(input)
  const { state, document } = moment
  if (state !== null && dueKind(moment, input) === 'none') {
    await heartbeat(input, state, document)
    return idleReport(input.source.name, state, startedAt, input.now())
  }
  return await withSnapshot(input, moment, (snapshot) =>
    withLease(leaseOptions(input), async (token, signal) => {
      const run = { ...input, token, signal }
      const current = await refresh(run, moment)
      if (current.document.revision !== moment.document.revision) return OVERTAKEN
      const plan = await planFrom(run, current, snapshot)
      const written = await rememberTags(run, current, plan)
      const { api, repository, onProgress } = run
      const outcomes = await applyPlan(plan, {
        api,
        snapshot,
        repository,
        leaseToken: token,
        signal,
        onProgress,
      })
      const report = reportOf(plan, outcomes, current.state, startedAt, input.now())
      await record(
        run,
        nextState(current.state, current, report, plan, written.ledger_length, input.random()),
        written.revision,
      )
      return report
    }),
  )
}

/** The very plan that a pass would carry out now; changes nothing. */
export async function preview(input: PassInput): Promise<Plan> {
  const moment = await observe(input)
  return await withSnapshot(input, moment, (snapshot) =>
    planFrom({ ...input, retryNow: true }, moment, snapshot),
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
  }
  const observed = await gatherOrStartOver({ ...common, kind, since: sinceOf(kind, moment.state, ledger) })
  return makePlan(observed, source)
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
  return { commit: state.watermark.commit, settledTags: new Set(settled), quarantined: state.quarantined }
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
}

/** Writes down where each new tag first counted, before anything is promoted by it: for ever, also after a kill. */
async function rememberTags(
  run: Run,
  moment: Moment,
  plan: Plan,
): Promise<{ revision: number; ledger_length: number }> {
  const { document, state } = moment
  let written = { revision: document.revision, ledger_length: document.ledger_length }
  for (let from = 0; from < plan.counted.length; from += LEDGER_PAGE) {
    const ledger = plan.counted.slice(from, from + LEDGER_PAGE)
    written = await record(
      run,
      state ?? unsettled(moment.configDigest, document.attention, moment.now),
      written.revision,
      ledger,
    )
  }
  return written
}

/** The state of a source whose first pass has not ended. */
export function unsettled(digest: string, attention: number, now: number): SourceState {
  return {
    format: 1,
    config_digest: digest,
    refs_digest: '',
    attention,
    watermark: null,
    retry: null,
    checked_at: new Date(now).toISOString(),
    last_pass: null,
    quarantined: [],
    findings: [],
  }
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

/** Tells at most once a minute that all is as it was. Somebody else's writing matters more. */
async function heartbeat(
  { api, source, now }: PassInput,
  state: SourceState,
  document: SourceDocument,
): Promise<void> {
  if (!heartbeatDue(state, now())) return
  const next = { ...state, checked_at: new Date(now()).toISOString() }
  await api
    .recordSource(source.name, { expected_revision: document.revision, state: next })
    .catch(() => undefined)
}

function leaseOptions(input: PassInput) {
  const { api, source, holder, pause, signal, leaseSeconds = 60, patienceMs = 15_000 } = input
  return { api, source: source.name, holder, ttlSeconds: leaseSeconds, patienceMs, pause, signal }
}

function callOptions(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { signal }
}
