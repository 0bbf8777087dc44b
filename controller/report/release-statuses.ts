import { compareReleases, type Release } from '../../api/contract/release.ts'
import { classOf, type Finding, type NewFinding } from '../findings/finding.ts'
import { newsAmong } from '../findings/findings.ts'
import { kindOf, type RefusedChange } from '../plan/changes.ts'
import type { ChangeOutcome, OutcomeKind } from '../plan/outcomes.ts'
import type { Plan } from '../plan/plan.ts'
import type { RefListing } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'
import { readTag } from '../values/release-patterns.ts'

/** The commit status of one commit, for its release tags. */
export interface ReleaseStatus {
  readonly commit: Oid
  readonly state: 'success' | 'pending' | 'failure'
  readonly description: string
}

export interface ReleaseFacts {
  readonly plan: Pick<Plan, 'unsettled' | 'findings' | 'refused'>
  readonly outcomes: Iterable<ChangeOutcome>
  readonly listing: Pick<RefListing, 'tags'>
  /** Earlier findings, which are not reported again. */
  readonly known: readonly Pick<Finding, 'code' | 'subject' | 'message'>[]
}

export interface TagSettings {
  /** Patterns of release tags. */
  readonly releases: readonly string[]
  /** Whether a tag without a trusted signature counts. */
  readonly unsignedCount: boolean
}

interface TagStatus extends ReleaseStatus {
  readonly release: Release | null
}

/** A first pass may see thousands of tags. Only the newest are reported. */
const MOST_COMMITS = 10

/** The state of release tags by commit: tags that now count, and tags with a problem. */
export function releaseStatuses(
  facts: ReleaseFacts,
  { releases, unsignedCount }: TagSettings,
): ReleaseStatus[] {
  const readRelease = (tag: string) => readTag(tag, releases).readings[0]?.release ?? null
  const tags = [...carriedOut(facts, readRelease), ...wrong(facts, readRelease, unsignedCount)].sort(
    byRelease,
  )
  const byCommit = [...Map.groupBy(tags, ({ commit }) => commit)].slice(0, MOST_COMMITS)
  return byCommit.map(([commit, all]) => ({
    commit,
    state: worst(all),
    description: all
      .map(({ description }) => description)
      .join('; ')
      .replaceAll('.; ', '. '),
  }))
}

function carriedOut(
  { plan, outcomes }: ReleaseFacts,
  readRelease: (tag: string) => Release | null,
): TagStatus[] {
  const changed = [...outcomes].filter(isOfTag).filter(({ kind }) => kind !== 'unchanged')
  const byTag = Map.groupBy(changed, ({ change }) => change.tag)
  const refusedByTag = Map.groupBy(plan.refused.filter(isRefusedOfTag), ({ change }) => change.tag)
  const commits = new Map(plan.unsettled.map(({ tag, commit }) => [tag, commit]))
  for (const [tag, [first]] of byTag) if (first !== undefined) commits.set(tag, first.change.commit)
  for (const [tag, [first]] of refusedByTag) if (first !== undefined) commits.set(tag, first.change.commit)
  const wrongTags = new Set(plan.findings.flatMap(tagOf))
  // The finding of a tag that counts but releases nothing has the reason.
  return [...commits]
    .filter(([tag]) => byTag.has(tag) || refusedByTag.has(tag) || !wrongTags.has(tag))
    .map(([tag, commit]) => ({
      ...outcomeOf(tag, byTag.get(tag) ?? [], refusedByTag.get(tag) ?? [], plan.findings),
      commit,
      release: readRelease(tag),
    }))
}

/** Codes of tag findings that do not fail a release. */
const HARMLESS: readonly NewFinding['code'][] = ['tag_lower', 'evidence_missing']

function wrong(
  { plan, listing, known }: ReleaseFacts,
  readRelease: (tag: string) => Release | null,
  unsignedCount: boolean,
): TagStatus[] {
  const places = new Map(listing.tags.map(({ name, commit }) => [name, commit]))
  return newsAmong(plan.findings, known).flatMap((finding) => {
    const [tag] = tagOf(finding)
    const commit = tag === undefined ? undefined : places.get(tag)
    if (tag === undefined || commit === undefined) return []
    const { code, message } = finding
    const isFine = HARMLESS.includes(code) || (code === 'tag_unverified' && unsignedCount)
    return [
      { commit, state: isFine ? 'success' : 'failure', description: message, release: readRelease(tag) },
    ]
  })
}

function tagOf({ subject }: Pick<NewFinding, 'subject'>): string[] {
  return subject.kind === 'tag' ? [subject.name] : []
}

type OfTag<T extends { readonly change: ChangeOutcome['change'] }> = T & {
  readonly change: Extract<ChangeOutcome['change'], { readonly tag: string }>
}

function isOfTag(outcome: ChangeOutcome): outcome is OfTag<ChangeOutcome> {
  return 'tag' in outcome.change
}

function isRefusedOfTag(refused: RefusedChange): refused is OfTag<RefusedChange> {
  return 'tag' in refused.change
}

function outcomeOf(
  tag: string,
  outcomes: readonly OfTag<ChangeOutcome>[],
  refused: readonly RefusedChange[],
  findings: readonly NewFinding[],
): Pick<TagStatus, 'state' | 'description'> {
  const of = (...kinds: readonly OutcomeKind[]) => outcomes.filter(({ kind }) => kinds.includes(kind))
  const well = of('done').map(({ change }) => change)
  const waiting = well.filter((change) => change.do === 'name' && change.standing === 'waits')
  const counts = countsOf({
    promoted: well.filter((change) => kindOf(change) === 'promote').length,
    named: well.filter((change) => kindOf(change) === 'name').length - waiting.length,
    retired: well.filter((change) => change.do === 'retire').length,
    held: of('held').length + waiting.length,
    lower: of('lower').length,
    refused: of('refused').length + refused.length,
    failed: of('failed').length,
  })
  const [waits] = waiting
  const heldBecause = findings.find(
    ({ code, subject }) => classOf(code) === 'hold' && subject.name === waits?.id,
  )
  const reason = [...of('refused', 'failed'), ...refused, ...of('held')][0] ?? heldBecause ?? of('lower')[0]
  const isRefused = of('refused', 'failed').length + refused.length > 0
  const isHeld = of('held').length + waiting.length > 0
  const what = counts === '' ? 'nothing new for any prompt' : counts
  return {
    state: isRefused ? 'failure' : isHeld ? 'pending' : 'success',
    description: `${tag}: ${what}${reason?.message ? `: ${reason.message}` : ''}`,
  }
}

function countsOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} ${word}`)
    .join(', ')
}

function worst(tags: readonly TagStatus[]): ReleaseStatus['state'] {
  const states = tags.map(({ state }) => state)
  return (['failure', 'pending', 'success'] as const).find((state) => states.includes(state)) ?? 'success'
}

/** The newest first; tags without a release last. */
function byRelease(a: TagStatus, b: TagStatus): number {
  if (a.release === null || b.release === null) return Number(a.release === null) - Number(b.release === null)
  return compareReleases(b.release, a.release)
}
