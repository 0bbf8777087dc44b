import type { PromptRow } from '../api/contract/registry-api.ts'
import { compareReleases, higherRelease, type Release } from '../api/contract/release.ts'
import { judgeMassChange, type MassChange, type MassChangeLimits } from './mass-change.ts'
import { conflictReport, type TagReport } from './releases.ts'
import type { LayoutInForce } from './repository-layout.ts'
import type { Oid } from './source/git-source.ts'

/** A file at a commit as the version that it is. */
export interface DesiredVersion {
  readonly id: string
  readonly path: string
  readonly blob: Oid
  readonly commit: Oid
  readonly label: string
  readonly description: string | null
  readonly tags: readonly string[]
}

/** A version that a tag releases. */
export interface DesiredRelease extends DesiredVersion {
  readonly tag: string
  readonly release: Release
  readonly prerelease: boolean
}

export interface Quarantined {
  readonly path: string
  readonly blob: Oid
  readonly reason: string
}

export interface PushChange extends DesiredVersion {
  readonly do: 'push'
  /** Whether the version becomes the latest: it is what the branch has. */
  readonly latest: boolean
}

export interface NamingChange {
  /** `alias` names the version without promoting it. */
  readonly do: 'promote' | 'alias'
  readonly id: string
  readonly label: string
  readonly release: Release
  readonly tag: string
  readonly commit: Oid
  /** The release is news, and only names its version because the prompt is frozen. */
  readonly held?: true
  /** The release is news, and only names its version because nothing is promoted until then. */
  readonly frozenUntil?: string
  /** The tag is news, and only names its version because its prompt has this higher release. */
  readonly below?: Release
}

/** The branch does not have the prompt any more. */
export interface ArchiveChange {
  readonly do: 'archive'
  readonly id: string
  readonly commit: Oid
}

/** A release that covers everything does not have the prompt any more. */
export interface RetireChange {
  readonly do: 'retire'
  readonly id: string
  readonly release: Release
  readonly tag: string
  readonly commit: Oid
}

export type Change = PushChange | NamingChange | ArchiveChange | RetireChange

/** The changes of one prompt, to be made in this order. */
export interface PromptChanges {
  readonly id: string
  readonly changes: readonly Change[]
}

/** A release that covers its whole tree, with the ids that the tree has. */
export interface WholeRelease {
  readonly tag: string
  readonly release: Release
  readonly commit: Oid
  readonly ids: ReadonlySet<string>
}

/** How the branch stands against what the source had. */
export interface Standing {
  /** How many prompts the source had. */
  readonly prompts: number
  /** Ids that the branch no longer has. */
  readonly missing: readonly string[]
  /** Paths of its files that cannot become a version any more. */
  readonly quarantined: readonly string[]
}

/** What a pass looked at. */
export interface Observed {
  readonly source: string
  readonly branch: string
  readonly commit: Oid
  /** `first`: nothing was synced before. `full`: everything is compared. `changes`: what moved since. */
  readonly kind: 'first' | 'full' | 'changes'
  /** How the trees were read. */
  readonly layout: Pick<LayoutInForce, 'from' | 'frontMatter' | 'problem'>
  /** The ids that files of the branch have, also of those that cannot become a version. */
  readonly branchIds: ReadonlySet<string>
  /** What the branch has: everything, or for `changes` what is new there. */
  readonly drafts: readonly DesiredVersion[]
  /** By prompt, its releases, the newest first; `compareReleaseTags` orders equal ones. */
  readonly releases: ReadonlyMap<string, readonly DesiredRelease[]>
  /** The newest release of all that can promote and covers its whole tree, of those that were looked at. */
  readonly newest: WholeRelease | null
  /** The rows of the prompts that the source owns; not read where there is nothing to compare with. */
  readonly known: ReadonlyMap<string, PromptRow>
  /** `null` where nothing was synced before. */
  readonly standing: Standing | null
  readonly quarantined: readonly Quarantined[]
  readonly ignored: readonly Quarantined[]
  readonly reports: readonly TagReport[]
  /** Tags that count from this pass on. */
  readonly counted: readonly { readonly tag: string; readonly commit: Oid }[]
}

export interface PlanSettings {
  /** How many of a prompt's newest releases a first or full pass names. */
  readonly backfill: number
  readonly prereleases: boolean
  /** Whether a release that has a prompt no more takes it out of service. */
  readonly prune: boolean
  /** `false`: no change is too much. */
  readonly massChange: MassChangeLimits | false
  /** Until when nothing is promoted, as ISO 8601; `null` outside of freezes. */
  readonly frozenUntil: string | null
}

/** All that a pass will do. `promptctl plan` prints it, `sync` carries it out. */
export interface Plan {
  readonly source: string
  readonly branch: string
  readonly commit: Oid
  readonly kind: Observed['kind']
  readonly layout: Observed['layout']
  /** What a person must confirm before any of this is done; `null` where nothing. */
  readonly massChange: MassChange | null
  /** Each prompt's newest release and its draft. */
  readonly current: readonly PromptChanges[]
  /** Older releases, which only get their versions and names. */
  readonly backfill: readonly PromptChanges[]
  /** Prompts that stay in service until the end of a freeze. */
  readonly waiting: readonly string[]
  readonly counted: Observed['counted']
  readonly quarantined: readonly Quarantined[]
  readonly ignored: readonly Quarantined[]
  readonly reports: readonly TagReport[]
}

/** Decides what is to be done so that the registry has what git has. */
export function makePlan(observed: Observed, settings: PlanSettings): Plan {
  const drafts = new Map(observed.drafts.map((draft) => [draft.id, draft]))
  const gone = [...observed.known.keys()].filter((id) => !observed.branchIds.has(id))
  const ids = [...new Set([...drafts.keys(), ...observed.releases.keys(), ...gone])].sort()
  const plans = ids.map((id) =>
    withRemoval(planPrompt(id, drafts.get(id), observed, settings), observed, settings),
  )
  const { source, branch, commit, kind, layout, counted, quarantined, ignored } = observed
  const plan = {
    source,
    branch,
    commit,
    kind,
    layout,
    current: plans.map(({ id, current }) => ({ id, changes: current })).filter(hasChanges),
    backfill: plans.map(({ id, backfill }) => ({ id, changes: backfill })).filter(hasChanges),
    waiting: plans.flatMap(({ id, waits }) => (waits ? [id] : [])),
    counted,
    quarantined,
    ignored,
    reports: [...observed.reports, ...plans.flatMap((plan) => plan.conflicts)],
  }
  return { ...plan, massChange: massChangeOf(observed, plan.current, settings) }
}

function massChangeOf(
  { standing, known }: Observed,
  current: Plan['current'],
  { massChange }: PlanSettings,
): MassChange | null {
  if (standing === null || massChange === false) return null
  const replaced = current.flatMap(({ id, changes }) => {
    const stable = known.get(id)?.stable ?? null
    const isOther = (change: Change) => change.do === 'promote' && stable !== null && change.label !== stable
    return changes.some(isOther) ? [id] : []
  })
  const retired = current.flatMap(({ id, changes }) => (changes.some(isRetirement) ? [id] : []))
  return judgeMassChange({ ...standing, replaced, retired, owned: known.size }, massChange)
}

function isRetirement(change: Change): change is RetireChange {
  return change.do === 'retire'
}

/** How many changes a plan has. */
export function countChanges(plan: Plan): number {
  return [...plan.current, ...plan.backfill].reduce((sum, { changes }) => sum + changes.length, 0)
}

function hasChanges({ changes }: PromptChanges): boolean {
  return changes.length > 0
}

interface PromptPlan {
  readonly id: string
  readonly current: readonly Change[]
  readonly backfill: readonly Change[]
  readonly conflicts: readonly TagReport[]
}

function planPrompt(
  id: string,
  draft: DesiredVersion | undefined,
  { releases: all, known, kind }: Observed,
  { backfill, prereleases, frozenUntil }: PlanSettings,
): PromptPlan {
  const row = known.get(id)
  const { releases, conflicts } = withoutConflicts(all.get(id) ?? [])
  const newest = releases.find((release) => prereleases || !release.prerelease)
  const promoted = newest !== undefined && isNews(newest, row) ? newest : undefined
  const wanted = kind === 'changes' ? releases : releases.slice(0, backfill)
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
function withRemoval(
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

function isNews(release: DesiredRelease, row: PromptRow | undefined): boolean {
  const highest = row?.highest_release ?? null
  return highest === null || compareReleases(release.release, highest) > 0
}

/** Which versions must be pushed, each once. */
class Pushes {
  readonly #draft: DesiredVersion | undefined
  readonly #row: PromptRow | undefined
  readonly #there: Set<string>
  #draftDone = false

  constructor(draft: DesiredVersion | undefined, row: PromptRow | undefined) {
    this.#draft = draft
    this.#row = row
    this.#there = new Set([row?.stable, row?.latest].filter((label) => typeof label === 'string'))
  }

  /** The push that a release needs before it can be named. */
  before(release: DesiredRelease): Change[] {
    if (release.label === this.#draft?.label) return this.draft()
    if (this.#there.has(release.label)) return []
    this.#there.add(release.label)
    const { id, path, blob, commit, label, description, tags } = release
    return [{ do: 'push', id, path, blob, commit, label, description, tags, latest: false }]
  }

  /** The push of what the branch has, where the registry does not have it as the latest, or thinks it is gone. */
  draft(): Change[] {
    if (this.#draft === undefined || this.#draftDone) return []
    this.#draftDone = true
    if (this.#row !== undefined && isLatest(this.#draft, this.#row)) return []
    return [{ do: 'push', ...this.#draft, latest: true }]
  }
}

function isLatest(draft: DesiredVersion, row: PromptRow): boolean {
  const sameTags =
    row.tags.length === draft.tags.length && row.tags.every((tag, index) => tag === draft.tags[index])
  const same = row.latest === draft.label && row.description === draft.description && sameTags
  return same && !row.archived
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
