import type { PromptRow } from '../../api/contract/registry-api.ts'
import { compareReleases, higherRelease } from '../../api/contract/release.ts'
import type { PlanSettings } from '../plan.ts'
import { conflictReport, type TagReport } from '../releases/tag-reports.ts'
import type { ArchiveChange, Change, NamingChange, RetireChange } from './changes.ts'
import type { DesiredRelease, DesiredVersion, Observed, WholeRelease } from './observed.ts'
import { Pushes } from './pushes.ts'

export interface PromptPlan {
  readonly id: string
  readonly current: readonly Change[]
  readonly backfill: readonly Change[]
  readonly conflicts: readonly TagReport[]
}

/** What the releases and the draft of one prompt ask for. */
export function planPrompt(
  id: string,
  draft: DesiredVersion | undefined,
  { releases: all, known, kind }: Observed,
  { backfill, prereleases, frozenUntil }: PlanSettings,
): PromptPlan {
  const row = known.get(id)
  const { releases, conflicts } = withoutConflicts(all.get(id) ?? [])
  const newest = releases.find((release) => prereleases || !release.prerelease)
  const promoted = newest !== undefined && isNews(newest, row) ? newest : undefined
  const wanted = kind === 'changes' ? releases : newestOf(releases, backfill)
  const older = wanted.filter((release) => release !== promoted)
  const isLate = (release: DesiredRelease) => kind === 'changes' && (prereleases || !release.prerelease)

  const pushes = new Pushes(draft, row)
  const current = [
    ...(promoted === undefined ? [] : [...pushes.before(promoted), promotion(promoted, row, frozenUntil)]),
    ...pushes.draft(),
  ]
  const named = older.flatMap((release) => [
    ...pushes.before(release),
    isLate(release) ? lateNaming(release, row) : naming('alias', release),
  ])
  return { id, current, backfill: named, conflicts }
}

/** What is done about a prompt that the branch does not have any more, and perhaps the newest release neither. */
export function withRemoval(
  plan: PromptPlan,
  { known, branchIds, commit, newest }: Observed,
  { prune, frozenUntil }: PlanSettings,
): PromptPlan & { readonly waits: boolean } {
  const { id, current, backfill } = plan
  const row = known.get(id)
  const isThere = row !== undefined || current.length + backfill.length > 0
  if (branchIds.has(id) || !isThere) return { ...plan, waits: false }
  const retirement = prune && newest !== null && !newest.ids.has(id) ? retirementOf(plan, row, newest) : []
  const waits = retirement.length > 0 && frozenUntil !== null
  const archiving: ArchiveChange[] = row?.archived === true ? [] : [{ do: 'archive', id, commit }]
  const after = [...current, ...(waits ? [] : retirement)]
  // Only after the last push can there be sure to be a prompt.
  return backfill.length === 0
    ? { ...plan, current: [...after, ...archiving], waits }
    : { ...plan, current: after, backfill: [...backfill, ...archiving], waits }
}

/** Along the release line only: what a higher release of its own serves stays. */
function retirementOf(
  { id, current }: PromptPlan,
  row: PromptRow | undefined,
  { release, tag, commit }: WholeRelease,
): RetireChange[] {
  const promoted = current.find((change) => change.do === 'promote') as NamingChange | undefined
  const highest = higherRelease(promoted?.release, row?.highest_release ?? undefined)
  const serves = promoted !== undefined || (row?.stable ?? null) !== null
  const isAbove = highest === undefined || compareReleases(release, highest) > 0
  return serves && isAbove ? [{ do: 'retire', id, release, tag, commit }] : []
}

/** The `most` newest that are listed, and what is between them. */
function newestOf(releases: readonly DesiredRelease[], most: number): DesiredRelease[] {
  let places = 0
  return releases.filter(({ listed }) => (listed ? places++ : places) < most)
}

function isNews(release: DesiredRelease, row: PromptRow | undefined): boolean {
  const highest = row?.highest_release ?? null
  return highest === null || compareReleases(release.release, highest) > 0
}

/** A frozen prompt gets the name, and the release once it is free; so does every prompt in a freeze of the source. */
function promotion(
  release: DesiredRelease,
  row: PromptRow | undefined,
  frozenUntil: string | null,
): NamingChange {
  if (row?.hold?.kind === 'until_lifted') return { ...naming('alias', release), held: true }
  return frozenUntil === null ? naming('promote', release) : { ...naming('alias', release), frozenUntil }
}

/** A new tag below what is released already gets its name, and somebody should know that it promotes nothing. */
function lateNaming(release: DesiredRelease, row: PromptRow | undefined): NamingChange {
  const highest = row?.highest_release ?? null
  const isBelow = highest !== null && compareReleases(release.release, highest) < 0
  return { ...naming('alias', release), ...(isBelow && { below: highest }) }
}

function naming(
  what: 'promote' | 'alias',
  { id, label, release, tag, commit }: DesiredRelease,
): NamingChange {
  return { do: what, id, label, release, tag, commit }
}

/** The same release from two tags counts once; it is a conflict where the version differs. */
function withoutConflicts(all: readonly DesiredRelease[]): {
  releases: DesiredRelease[]
  conflicts: TagReport[]
} {
  const releases: DesiredRelease[] = []
  const conflicts: TagReport[] = []
  for (const release of all) {
    const same = releases.find((other) => other.release === release.release)
    if (same === undefined) releases.push(release)
    else if (same.label !== release.label)
      conflicts.push(conflictReport(release.tag, same.tag, release.id, release.release))
  }
  return { releases, conflicts }
}
