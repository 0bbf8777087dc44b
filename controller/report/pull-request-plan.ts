import type { PromptUse } from '../../api/contract/prompt-use.ts'
import type { LookedUpPrompt, PromptRow } from '../../api/contract/registry-api.ts'
import type { Release } from '../../api/contract/release.ts'
import type { SourceConfig } from '../configuration/config.ts'
import { NO_EVIDENCE } from '../evidence/evidence.ts'
import { fileFinding, keepReadings } from '../plan/kept-readings.ts'
import { makePlan } from '../plan/make-plan.ts'
import { judgeMassChange, promptsOfFiles } from '../plan/mass-change.ts'
import { declaredMoves, type Moves, movesBetween } from '../plan/moves.ts'
import type { PlanInput } from '../plan/plan-input.ts'
import type { ChangeNote } from '../prompts/change-note.ts'
import type { Move } from '../prompts/layout-fields.ts'
import type { DesiredVersion } from '../prompts/read-files.ts'
import type { LeftOutFile, PromptTree } from '../prompts/tree.ts'
import type { Oid } from '../source/oid.ts'

/** A prompt that a pull request adds, changes or removes. */
export interface PromptDifference {
  readonly id: string
  readonly path: string
  readonly change: 'new' | 'changed' | 'removed'
  /** Of a removed prompt: the id under which its source has it then. */
  readonly movedTo: string | null
  /** Hunks of a unified diff of the file; `null` if too long. */
  readonly diff: string | null
  readonly note: ChangeNote
  /** The release of the stable version; `null` if it has none. */
  readonly stableRelease: Release | null
  /** Who read the prompt in the last days; `null` if nobody. */
  readonly use: PromptUse | null
}

/** The effects of merging a pull request, as `promptctl plan --pull-request` prints them. */
export interface PullRequestPlan {
  readonly source: string
  readonly pullRequest: number
  readonly branch: string
  /** The merge base. Everything is compared with it. */
  readonly base: Oid
  /** The head. */
  readonly commit: Oid
  /** Ordered by prompt id. */
  readonly differences: readonly PromptDifference[]
  /** Files that cannot become a version because of the pull request. */
  readonly quarantined: readonly LeftOutFile[]
  /** Prompts that the registry would refuse. */
  readonly refused: readonly { readonly id: string; readonly reason: string }[]
  /** The prompts that a release of the merged branch would promote. */
  readonly promotions: readonly string[]
  /** A sentence about the layout file; `null` if the pull request does not change it. */
  readonly layout: string | null
  /** Why a pass over the merged branch would be held; `null` if it would not. */
  readonly massChange: string | null
}

/** The data for the plan of a pull request. */
export interface ReadPullRequest {
  readonly source: SourceConfig
  readonly pullRequest: number
  readonly branch: string
  readonly base: Oid
  readonly commit: Oid
  readonly trees: { readonly tip: PromptTree; readonly base: PromptTree; readonly head: PromptTree }
  readonly files: readonly ReadFile[]
  /** The head's versions of the files that differ. */
  readonly drafts: readonly DesiredVersion[]
  /** The head's versions of files that only have another name. */
  readonly renamed: readonly DesiredVersion[]
  /** Moves that the layout of the branch declares. */
  readonly moved: readonly Move[]
  /** The registry's data about the prompts that differ, by id. */
  readonly found: ReadonlyMap<string, LookedUpPrompt>
  readonly rows: ReadonlyMap<string, PromptRow>
  /** Who reads the prompts that differ, by id. */
  readonly use: ReadonlyMap<string, PromptUse>
  readonly layout: string | null
}

/** A prompt file that differs between the base and the head. */
export interface ReadFile {
  readonly id: string
  readonly path: string
  /** The blob at the head; `null` if the file is gone. */
  readonly blob: Oid | null
  /** Whether the base has a version of the file. */
  readonly before: boolean
  /** Why the head's file cannot become a version, as a sentence; `null` if it can, or is gone. */
  readonly problem: string | null
  readonly diff: string | null
  readonly note: ChangeNote
}

/** Plans the merge. Pure. */
export function makePullRequestPlan(read: ReadPullRequest): PullRequestPlan {
  const { source, pullRequest, branch, base, commit, files, layout } = read
  const refused = refusedOf(read)
  const movedTo = targetsIn(read, new Set(refused.map(({ id }) => id)))
  return {
    source: source.name,
    pullRequest,
    branch,
    base,
    commit,
    differences: files
      .flatMap((file) => differenceOf(file, read, movedTo))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
    quarantined: quarantinedBy(read),
    refused,
    promotions: promotionsOf(read),
    layout,
    massChange: massChangeOf(read),
  }
}

function differenceOf(
  { id, path, blob, before, problem, diff, note }: ReadFile,
  { rows, use }: ReadPullRequest,
  movedTo: Moves,
): PromptDifference[] {
  if (problem !== null || (blob === null && !before)) return []
  const stableRelease = rows.get(id)?.stable_release ?? null
  const change = blob === null ? 'removed' : before ? 'changed' : 'new'
  const target = change === 'removed' ? (movedTo.get(id) ?? null) : null
  return [{ id, path, change, movedTo: target, diff, note, stableRelease, use: use.get(id) ?? null }]
}

/** Where the prompts move that the pull request removes, unless the new prompt is refused. */
function targetsIn(
  { source, trees: { base, head }, files, drafts, moved }: ReadPullRequest,
  refused: ReadonlySet<string>,
): Moves {
  const gone = files.flatMap(({ id, blob }) => (blob === null ? [id] : []))
  if (gone.length === 0) return new Map()
  const taken = new Set(drafts.flatMap(({ id }) => (refused.has(id) ? [] : [id])))
  const found = [...movesBetween(base, head)].filter(([, to]) => taken.has(to))
  const branchIds = new Set(head.ids.values())
  return new Map([...found, ...declaredMoves(moved, { idPrefix: source.idPrefix, branchIds }, gone)])
}

function quarantinedBy({ trees, files }: ReadPullRequest): LeftOutFile[] {
  const known = new Set(trees.base.quarantined.map(({ path, blob, reason }) => `${path}\0${blob}\0${reason}`))
  const byName = trees.head.quarantined.filter(
    ({ path, blob, reason }) => !known.has(`${path}\0${blob}\0${reason}`),
  )
  const byText = files.flatMap(({ path, blob, problem }) =>
    blob !== null && problem !== null ? [{ path, blob, reason: problem }] : [],
  )
  return [...byName, ...byText].sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** The changes that the plan of a pass over the head refuses. */
function refusedOf(read: ReadPullRequest): PullRequestPlan['refused'] {
  const { source, found: registry, drafts, renamed } = read
  const plan = makePlan(planInput(read), { ...source, frozenUntil: null, massChange: false })
  const versions = { drafts: [...drafts, ...renamed], releases: new Map(), gone: [] }
  const { files } = keepReadings(versions, { source: source.name, registry, prereleases: false })
  const taken = [...plan.findings.filter(({ code }) => code === 'label_taken'), ...files.map(fileFinding)]
  return [
    ...plan.refused.map(({ change, message }) => ({ id: change.id, reason: message })),
    ...taken.map(({ details, message }) => ({ id: String(details?.id), reason: message })),
  ]
}

/** What a pass would gather that sees only the pull request's changes. */
function planInput({ source, branch, commit, trees, drafts, found }: ReadPullRequest): PlanInput {
  const ids = new Set(trees.head.ids.values())
  const nothing = new Map<string, never>()
  return {
    source: source.name,
    branch,
    commit,
    kind: 'changes',
    layout: { from: null },
    branchIds: ids,
    drafts,
    releases: nothing,
    newest: null,
    gone: [],
    moves: { declared: nothing, found: nothing },
    registry: found,
    evidence: NO_EVIDENCE,
    owned: 0,
    standing: null,
    ignored: [],
    findings: [],
    scope: { everything: false, blobs: nothing, files: new Set(), tags: new Set(), listed: new Set() },
    counted: [],
    unsettled: [],
    tags: nothing,
    unverified: [],
    set: { standing: null, unfinished: null, wholeRelease: () => undefined },
    sourceHold: null,
  }
}

/** The merged branch is the branch's latest versions in the registry, with the changes of the pull request. */
function promotionsOf({ trees, files, drafts, rows }: ReadPullRequest): string[] {
  const identities = new Map(trees.tip.files.map(({ id }) => [id, rows.get(id)?.latest_identity ?? null]))
  for (const { id } of files) identities.delete(id)
  for (const { id, identity } of drafts) identities.set(id, identity)
  const isPromoted = ([id, identity]: readonly [string, string | null]) => {
    const row = rows.get(id)
    return (
      identity !== null && identity !== (row?.stable_identity ?? null) && row?.hold?.kind !== 'until_lifted'
    )
  }
  return [...identities]
    .filter(isPromoted)
    .map(([id]) => id)
    .sort()
}

function massChangeOf(read: ReadPullRequest): string | null {
  const { source, trees, files, rows } = read
  if (source.massChange === false) return null
  const ids = new Set(trees.tip.ids.values())
  const headIds = new Set(trees.head.ids.values())
  const paths = quarantinedBy(read).map(({ path }) => path)
  const upheaval = {
    prompts: ids.size,
    missing: files.flatMap(({ id, blob }) => (blob === null && ids.has(id) && !headIds.has(id) ? [id] : [])),
    quarantined: promptsOfFiles(paths, trees.head.ids, ids),
    replaced: [],
    retired: [],
    owned: rows.size,
  }
  return judgeMassChange(upheaval, source.massChange)?.message ?? null
}
