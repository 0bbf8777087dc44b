import { RegistryError } from '../../api/contract/errors.ts'
import type { Finding, NewFinding } from '../findings/finding.ts'
import { isChecked, isOutlived, needsFullPass, nextFindings } from '../findings/findings.ts'
import { makePlan, type Plan } from '../plan/plan.ts'
import type { PlanInput } from '../plan/plan-input.ts'
import { type KnownUnverified, splitKeys } from '../releases/verify-tags.ts'
import { type GitSnapshot, SourceError } from '../source/git-source.ts'
import { dueKind, type Moment } from '../state/due-pass.ts'
import { configDigest, isHidden, parseState } from '../state/source-state.ts'
import { inFreeze } from '../values/freeze.ts'
import { type ChangeDiffs, type ChangeNotes, changeDiffs } from './change-diffs.ts'
import { type GatherInput, gather, type Remembered } from './gather.ts'
import { callOptions, type PassInput } from './pass-input.ts'
import { readFindings, readLedger, registryReads } from './registry-reads.ts'

export interface Preview {
  readonly plan: Plan
  readonly diffs: ChangeDiffs
  readonly notes: ChangeNotes
  /** All findings of the source once the plan is carried out. */
  readonly findings: readonly Finding[]
}

/** A dry run: the plan that a pass would carry out now, with diffs. Changes nothing. */
export async function preview(input: PassInput): Promise<Preview> {
  const moment = await observe(input)
  return await withSnapshot(input, moment, async (snapshot) => {
    const before = await readFindings(input)
    const wishes = { retryNow: true, confirm: true }
    const plan = await planFrom({ ...input, ...wishes }, moment, before, snapshot)
    const { diffs, notes } = await changeDiffs(plan, { ...input, snapshot })
    return { plan, diffs, notes, findings: findingsAfter(plan, before, [], input.now()) }
  })
}

/** `found`: findings from carrying out the plan. `now` is in milliseconds since the epoch. */
export function findingsAfter(
  { findings, scope: looked }: Plan,
  before: readonly Finding[],
  found: readonly NewFinding[],
  now: number,
): Finding[] {
  const at = new Date(now).toISOString()
  return nextFindings(before, [...findings, ...found], (finding) => isChecked(looked, finding), at)
}

/** Opens the listing's commits for `work`, and closes them afterwards. */
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
 * Reads the state from the registry, then lists the refs. In the opposite order, another writer could record newer
 * refs in between, and this pass would not notice that its own are older.
 */
export async function observe(input: PassInput): Promise<Moment> {
  const { api, git, source, now, signal } = input
  const document = await (input.document ?? api.source(source.name, callOptions(signal)))
  if (isHidden(document)) throw hiddenState(source.name)
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

function hiddenState(name: string): RegistryError {
  return new RegistryError(
    'forbidden',
    `The registry hides the state of the source "${name}" from this token, which sees no drafts. Use a token with write access.`,
  )
}

export async function refresh({ api, source, signal }: PassInput, moment: Moment): Promise<Moment> {
  const document = await api.source(source.name, callOptions(signal))
  return { ...moment, document, state: parseState(document.state) }
}

/** `findings`: all of the source so far. */
export async function planFrom(
  input: PassInput,
  moment: Moment,
  findings: readonly Finding[],
  snapshot: GitSnapshot,
): Promise<Plan> {
  const { source } = input
  const { state, listing, now, frozenUntil } = moment
  const ledger = await readLedger(input, moment.document)
  const due = dueKind(moment, input)
  const kind = due === 'none' ? 'changes' : due
  const watermark = state?.watermark ?? null
  const gathered = await gatherOrStartOver({
    source,
    listing,
    snapshot,
    ledger,
    kind,
    since: kind === 'changes' ? (watermark?.commit ?? null) : null,
    settledTags: new Set([...ledger.keys()].slice(0, watermark?.ledger_length ?? 0)),
    remembered: rememberedBy(moment, findings),
    known: unverifiedBefore(input, moment, findings),
    now,
    registry: registryReads(input),
  })
  const plan = makePlan(gathered, {
    ...source,
    frozenUntil: frozenUntil === null ? null : new Date(frozenUntil).toISOString(),
  })
  return { ...plan, findings: plan.findings.filter((finding) => !isOutlived(plan.scope, finding)) }
}

/** After a force push, the last pass's commit may be gone. Then everything is compared. */
async function gatherOrStartOver(input: GatherInput): Promise<PlanInput> {
  try {
    return await gather(input)
  } catch (error) {
    if (input.since === null || !(error instanceof SourceError) || error.code !== 'object_missing')
      throw error
    return await gather({ ...input, kind: 'full', since: null })
  }
}

function rememberedBy({ state }: Moment, findings: readonly Finding[]): Remembered {
  const isFileLeftOut = ({ code }: Finding) => code === 'quarantined' || code === 'unsafe_text'
  return {
    layout: state?.layout ?? null,
    quarantined: new Set(findings.filter(isFileLeftOut).map(({ subject }) => subject.name)),
    open: new Set(findings.filter(needsFullPass).flatMap(promptsOf)),
  }
}

/** The ids of the prompts that a finding is about. */
function promptsOf({ subject, details }: Finding): unknown[] {
  if (subject.kind === 'prompt') return [subject.name]
  return [details?.id, details?.ids].flat()
}

function unverifiedBefore(
  { force = false }: PassInput,
  { state, configDigest: digest }: Moment,
  findings: readonly Finding[],
): KnownUnverified {
  const problems = findings.flatMap(({ code, subject, details }) =>
    (code === 'tag_unverified' || code === 'release_unverified') && typeof details?.problem === 'string'
      ? [[subject.name, details.problem] as const]
      : [],
  )
  return {
    keys: splitKeys(state?.unverified ?? ''),
    problems: new Map(problems),
    again: force || state?.config_digest !== digest,
  }
}
