import { inFreeze } from '../plan/freeze.ts'
import { type GatherInput, gather, type Remembered } from '../plan/gather.ts'
import type { Observed } from '../plan/observed.ts'
import { makePlan, type Plan } from '../plan.ts'
import { type KnownUnverified, splitKeys } from '../releases/unverified-tags.ts'
import { type GitSnapshot, SourceError } from '../source/git-source.ts'
import { configDigest, parseState, type SourceState } from '../state/source-state.ts'
import { dueKind, type Moment } from './pass.ts'
import { callOptions, type PassInput } from './pass-input.ts'
import { readLedger, readRows } from './registry-reads.ts'

/** The very plan that a pass would carry out now; changes nothing. */
export async function preview(input: PassInput): Promise<Plan> {
  const moment = await observe(input)
  return await withSnapshot(input, moment, (snapshot) =>
    planFrom({ ...input, retryNow: true, confirm: true }, moment, snapshot),
  )
}

/** Works on the listing's commits, and gives the repository free again. */
export async function withSnapshot<T>(
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
export async function observe(input: PassInput): Promise<Moment> {
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

export async function refresh({ api, source, signal }: PassInput, moment: Moment): Promise<Moment> {
  const document = await api.source(source.name, callOptions(signal))
  return { ...moment, document, state: parseState(document.state) }
}

export async function planFrom(input: PassInput, moment: Moment, snapshot: GitSnapshot): Promise<Plan> {
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
    knownUnverified: unverifiedBefore(input, moment),
    now: moment.now,
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

function unverifiedBefore(
  { force = false }: PassInput,
  { state, configDigest: digest }: Moment,
): KnownUnverified {
  const findings = state?.findings.filter(({ kind }) => kind === 'unverified') ?? []
  return {
    keys: splitKeys(state?.unverified ?? ''),
    messages: new Map(findings.map(({ subject, message }) => [subject, message])),
    again: force || state?.config_digest !== digest,
  }
}
