import { promptIdKey } from '../../api/contract/prompt-id.ts'
import type { Finding } from '../findings/finding.ts'
import { needsFullPass } from '../findings/findings.ts'
import type { PlanInput } from '../plan/plan-input.ts'
import type { SetInput } from '../plan/planned-set.ts'
import { type KnownUnverified, splitKeys } from '../releases/verify-tags.ts'
import { SourceError } from '../source/git-source.ts'
import { dueKind, mayRetireRead } from '../state/due-pass.ts'
import { NEVER_MOVED, unfinishedRelease } from '../state/set-due.ts'
import { compileGlobs } from '../values/glob.ts'
import { planInputOf } from './gathered.ts'
import type { ObservedPass } from './pass-input.ts'
import { planPass } from './plan-pass.ts'
import {
  type GatherInput,
  openWork,
  type ReadResult,
  type Remembered,
  readChanges,
  readEverything,
} from './read-changes.ts'
import { readEvidence } from './read-evidence.ts'
import { readServed } from './read-served.ts'
import { readUse } from './read-use.ts'
import { readLedger, registryReads } from './registry-reads.ts'

/**
 * Reads from the repository and the registry everything that a plan needs. Reads only what changed, unless the
 * change can only be judged by comparing everything.
 */
export async function gather(pass: ObservedPass): Promise<PlanInput> {
  const input = await gatherInput(pass)
  try {
    return await withUse(pass, await withEvidence(pass, await gatherFrom(input)))
  } catch (error) {
    const isGone = error instanceof SourceError && error.code === 'object_missing'
    if (input.kind !== 'changes' || !isGone) throw error
    // After a force push, the last pass's commit may be gone. Then everything is compared.
    const whole = await gatherFrom({ ...input, kind: 'full', since: null })
    return await withUse(pass, await withEvidence(pass, whole))
  }
}

/** Adds the evidence about the releases that a plan without any would hold back. */
async function withEvidence(pass: ObservedPass, input: PlanInput): Promise<PlanInput> {
  const { require, promotesFrom } = pass.source
  if (require.length === 0 && promotesFrom === undefined) return input
  const { gated } = planPass(pass, input)
  const { snapshot, moment, now, signal } = pass
  const evidence = await readEvidence({ listing: moment.listing, snapshot, now: now() }, gated, require)
  if (promotesFrom === undefined || pass.promotesFrom === undefined) return { ...input, evidence }
  const isFor = compileGlobs(promotesFrom.prompts, { dot: true })
  const served = await readServed(
    { api: pass.promotesFrom, now: now(), signal },
    gated.filter(({ id }) => isFor(id)),
  )
  return { ...input, evidence: { ...evidence, served } }
}

/** Adds who reads the prompts that a plan would otherwise retire. */
async function withUse(pass: ObservedPass, input: PlanInput): Promise<PlanInput> {
  if (!pass.source.prune || input.gone.length === 0 || mayRetireRead(pass)) return input
  return { ...input, inUse: await readUse(pass, planPass(pass, input)) }
}

async function gatherFrom(input: GatherInput): Promise<PlanInput> {
  const work = await openWork(input)
  const read = (await readChanges(work)) ?? (await readEverything(work))
  return planInputOf(work, read, await readSet(input, read))
}

/** A pass for changes knows that only its own changes can move the set, unless an earlier one left a move. */
async function readSet(input: GatherInput, { files }: ReadResult): Promise<SetInput> {
  const { registry, setDue, sourceHold } = input
  const isKnown = files.kind === 'changes' && setDue === null
  const standing = isKnown ? null : await registry.set(files.owned)
  return { standing, unfinished: unfinishedRelease(setDue, sourceHold) }
}

async function gatherInput(pass: ObservedPass): Promise<GatherInput> {
  const { source, snapshot, moment } = pass
  const { state, listing, now, document } = moment
  const ledger = await readLedger(pass, document)
  const due = dueKind(moment, pass)
  const kind = due === 'none' ? 'changes' : due
  const watermark = state?.watermark ?? null
  return {
    ...{ source, listing, snapshot, ledger, kind, now },
    since: watermark?.commit ?? null,
    settledTags: new Set([...ledger.keys()].slice(0, watermark?.ledger_length ?? 0)),
    remembered: rememberedBy(pass),
    known: unverifiedBefore(pass),
    registry: registryReads(pass),
    // Absent in the answers of older registries.
    sourceHold: document.hold ?? null,
    setDue: state === null ? NEVER_MOVED : state.set_due,
  }
}

function rememberedBy({ moment: { state }, before }: ObservedPass): Remembered {
  const isFileLeftOut = ({ code, subject, details }: Finding) =>
    code === 'quarantined' ||
    code === 'unsafe_text' ||
    (code === 'format_differs' && subject.kind === 'file' && details?.kept_out === true)
  return {
    layout: state?.layout ?? null,
    quarantined: new Set(before.filter(isFileLeftOut).map(({ subject }) => subject.name)),
    open: new Set(before.filter(needsFullPass).flatMap(promptsOf)),
  }
}

/** The keys of the ids of the prompts that a finding is about. */
function promptsOf({ subject, details }: Finding): string[] {
  const ids = subject.kind === 'prompt' ? [subject.name] : [details?.id, details?.ids].flat()
  return ids.flatMap((id) => (typeof id === 'string' ? [promptIdKey(id)] : []))
}

function unverifiedBefore({ force = false, before, moment }: ObservedPass): KnownUnverified {
  const { state, configDigest } = moment
  const problems = before.flatMap(({ code, subject, details }) =>
    (code === 'tag_unverified' || code === 'release_unverified') && typeof details?.problem === 'string'
      ? [[subject.name, details.problem] as const]
      : [],
  )
  return {
    keys: splitKeys(state?.unverified ?? ''),
    problems: new Map(problems),
    again: force || state?.config_digest !== configDigest,
  }
}
