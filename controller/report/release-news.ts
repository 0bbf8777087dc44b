import { compareReleases, type Release } from '../../api/contract/release.ts'
import type { Outcome } from '../pass/outcomes.ts'
import type { Plan } from '../plan.ts'
import { readTag } from '../releases/release-patterns.ts'
import type { Oid, RefListing } from '../source/git-source.ts'
import { countsText } from '../state/counts-text.ts'
import type { SourceState } from '../state/source-state.ts'

/** What the tags of one commit came to. */
export interface ReleaseNews {
  readonly commit: Oid
  readonly state: 'success' | 'pending' | 'failure'
  readonly description: string
}

export interface ReleaseFacts {
  readonly plan: Pick<Plan, 'kind' | 'counted' | 'reports'>
  readonly outcomes: readonly Outcome[]
  readonly listing: Pick<RefListing, 'tags'>
  /** What was found before is no news. */
  readonly known: Pick<SourceState, 'findings'> | null
}

export interface TagSettings {
  /** Patterns of release tags. */
  readonly releases: readonly string[]
  /** Whether a tag without a signature that is trusted counts all the same. */
  readonly unsignedCount: boolean
}

interface TagNews extends ReleaseNews {
  readonly release: Release | null
}

/** A first pass over a repository with thousands of tags speaks of the newest only. */
const MOST_COMMITS = 10

/** By commit, what is new of release tags: those that count from now on, and those with which something is wrong. */
export function releaseNews(facts: ReleaseFacts, { releases, unsignedCount }: TagSettings): ReleaseNews[] {
  const readRelease = (tag: string) => readTag(tag, releases).readings[0]?.release ?? null
  const news = [...carriedOut(facts, readRelease), ...wrong(facts, readRelease, unsignedCount)].sort(
    byRelease,
  )
  const byCommit = [...Map.groupBy(news, ({ commit }) => commit)].slice(0, MOST_COMMITS)
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
): TagNews[] {
  const byTag = Map.groupBy(outcomes.filter(isOfTag), ({ change }) => change.tag)
  const counted = new Map(plan.counted.map(({ tag, commit }) => [tag, commit]))
  for (const [tag, alike] of byTag) {
    // A full pass names again what has its name: no news. Another one goes on where one before was cut short.
    const [first] = alike.filter(({ kind }) => plan.kind !== 'full' || kind !== 'unchanged')
    if (first !== undefined) counted.set(tag, first.change.commit)
  }
  const wrongTags = new Set(plan.reports.map(({ tag }) => tag))
  // Where a tag counts and yet releases nothing, the report says why.
  return [...counted]
    .filter(([tag]) => byTag.has(tag) || !wrongTags.has(tag))
    .map(([tag, commit]) => ({ ...outcomeOf(tag, byTag.get(tag) ?? []), commit, release: readRelease(tag) }))
}

function wrong(
  { plan, listing, known }: ReleaseFacts,
  readRelease: (tag: string) => Release | null,
  unsignedCount: boolean,
): TagNews[] {
  const places = new Map(listing.tags.map(({ name, commit }) => [name, commit]))
  const said = new Set(known?.findings.map(({ kind, subject, message }) => `${kind} ${subject} ${message}`))
  return plan.reports.flatMap(({ kind, tag, message }) => {
    const commit = places.get(tag)
    if (commit === undefined || said.has(`${kind} ${tag} ${message}`)) return []
    const state = kind === 'unverified' && unsignedCount ? 'success' : 'failure'
    return [{ commit, state, description: message, release: readRelease(tag) }]
  })
}

type TagOutcome = Outcome & { readonly change: Extract<Outcome['change'], { readonly tag: string }> }

function isOfTag(outcome: Outcome): outcome is TagOutcome {
  return 'tag' in outcome.change
}

function outcomeOf(tag: string, outcomes: readonly TagOutcome[]): Pick<TagNews, 'state' | 'description'> {
  const of = (...kinds: readonly Outcome['kind'][]) => outcomes.filter(({ kind }) => kinds.includes(kind))
  const well = (what: string) => of('done', 'unchanged').filter(({ change }) => change.do === what).length
  const counts = countsText({
    promoted: well('promote'),
    named: well('alias'),
    retired: well('retire'),
    held: of('held').length,
    lower: of('lower').length,
    refused: of('refused').length,
    failed: of('failed').length,
  })
  const reason = of('refused', 'failed')[0] ?? of('held')[0] ?? of('lower')[0]
  const state = of('refused', 'failed').length > 0 ? 'failure' : of('held').length > 0 ? 'pending' : 'success'
  const what = counts === '' ? 'nothing new for any prompt' : counts
  return { state, description: `${tag}: ${what}${reason?.message ? `: ${reason.message}` : ''}` }
}

function worst(news: readonly TagNews[]): ReleaseNews['state'] {
  const states = news.map(({ state }) => state)
  return (['failure', 'pending', 'success'] as const).find((state) => states.includes(state)) ?? 'success'
}

/** The newest first; tags without a release last. */
function byRelease(a: TagNews, b: TagNews): number {
  if (a.release === null || b.release === null) return Number(a.release === null) - Number(b.release === null)
  return compareReleases(b.release, a.release)
}
