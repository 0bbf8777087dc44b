import { promptIdKey } from '../../api/contract/prompt-id.ts'
import type { Finding } from '../findings/finding.ts'
import { needsFullPass } from '../findings/findings.ts'
import type { PromptsInput, WholeInput } from '../plan/plan-input.ts'
import type { SetInput } from '../plan/planned-set.ts'
import { type KnownUnverified, splitKeys } from '../releases/verify-tags.ts'
import { hasLateRelease, wholeRelease } from '../releases/whole-releases.ts'
import { SourceError } from '../source/git-source.ts'
import { dueKind } from '../state/due-pass.ts'
import { NEVER_MOVED, unfinishedRelease } from '../state/set-due.ts'
import type { GatherInput, GatherWork, ReadFiles, Remembered, TakeParts } from './gather-work.ts'
import { Gathered } from './gathered.ts'
import type { ObservedPass } from './pass-input.ts'
import { openWork, readChanges, readEverything } from './read-changes.ts'
import { readLedger, registryReads } from './registry-reads.ts'

/** Takes the input for the changes of some prompts. */
export type TakePrompts = (prompts: PromptsInput) => Promise<void>

/**
 * Reads from the repository and the registry everything that a plan needs, some prompts at a time. Reads only what
 * changed, unless the change can only be judged by comparing everything. `begin` is called before the first prompts, and
 * again if reading them starts anew. Returns what is not about single prompts.
 */
export async function gather(pass: ObservedPass, begin: () => TakePrompts): Promise<WholeInput> {
  const input = await gatherInput(pass)
  try {
    return await gatherFrom(input, begin)
  } catch (error) {
    const isGone = error instanceof SourceError && error.code === 'object_missing'
    if (input.kind !== 'changes' || !isGone) throw error
    // After a force push, the last pass's commit may be gone. Then everything is compared.
    return await gatherFrom({ ...input, kind: 'full', since: null }, begin)
  }
}

async function gatherFrom(input: GatherInput, begin: () => TakePrompts): Promise<WholeInput> {
  const work = await openWork(input)
  let gathered: Gathered | undefined
  const take: TakeParts = (files) => {
    const add = begin()
    const all = new Gathered(work, files)
    gathered = all
    return async (part) => await add(all.add(part))
  }
  const files = (await readChanges(work, take)) ?? (await readEverything(work, take))
  const set = await readSet(work, files)
  return (gathered ?? new Gathered(work, files)).whole(set)
}

/**
 * A pass for changes knows that only its own changes can move the set, unless an earlier one left a move, and that no
 * newer release names the current set, unless a new tag is below others.
 */
async function readSet(work: GatherWork, files: ReadFiles): Promise<SetInput> {
  const { registry, setDue, sourceHold, tags } = work
  const isKnown = files.kind === 'changes' && setDue === null && !hasLateRelease(files.fresh, tags.releases)
  const standing = isKnown ? null : await registry.set(files.owned)
  const tagOf = (name: string) => tags.releases.find(({ tag }) => tag === name)
  return {
    standing,
    unfinished: unfinishedRelease(setDue, sourceHold),
    wholeRelease: (name) => wholeRelease(tagOf(name) ?? { readings: [] }),
  }
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
    promptsAtOnce: pass.promptsAtOnce,
    since: watermark?.commit ?? null,
    settledTags: new Set([...ledger.keys()].slice(0, watermark?.ledger_length ?? 0)),
    remembered: rememberedBy(pass),
    reported: new Set(pass.before.filter(isOfFile).map(({ subject }) => subject.name)),
    known: unverifiedBefore(pass),
    registry: registryReads(pass),
    // Absent in the answers of older registries.
    sourceHold: document.hold ?? null,
    setDue: state === null ? NEVER_MOVED : state.set_due,
  }
}

function isOfFile({ subject }: Finding): boolean {
  return subject.kind === 'file'
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
