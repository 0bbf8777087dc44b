import type { PromptRow } from '../../api/contract/registry-api.ts'
import type { SourceConfig } from '../config.ts'
import type { DesiredTree } from '../desired.ts'
import { judgeMassChange } from '../plan/mass-change.ts'
import type { Quarantined } from '../plan/observed.ts'
import type { Oid } from '../source/git-source.ts'

/** A prompt that a pull request adds, changes or takes away. */
export interface PromptDifference {
  readonly id: string
  readonly path: string
  readonly change: 'new' | 'changed' | 'removed'
  /** Hunks of a unified diff of the file; `null` where they would be too long to read. */
  readonly diff: string | null
}

/** What merging a pull request would do. `promptctl plan --pull-request` prints it. */
export interface PullRequestPlan {
  readonly source: string
  readonly pullRequest: number
  readonly branch: string
  /** Where the pull request left the branch: everything is compared with that. */
  readonly base: Oid
  /** Its head. */
  readonly commit: Oid
  /** Ordered by prompt id. */
  readonly differences: readonly PromptDifference[]
  /** Files that could not become a version, and are not like that on the branch. */
  readonly quarantined: readonly Quarantined[]
  /** The prompts that a release of the merged branch would give another stable version. */
  readonly promotions: readonly string[]
  /** What to know of the repository's own layout, as a sentence; `null` where the pull request leaves it alone. */
  readonly layout: string | null
  /** Why a pass over the merged branch would wait for a person; `null` where it would not. */
  readonly massChange: string | null
}

/** What was read of a pull request. */
export interface ReadPullRequest {
  readonly source: Pick<SourceConfig, 'name' | 'massChange'>
  readonly pullRequest: number
  readonly branch: string
  readonly base: Oid
  readonly commit: Oid
  readonly trees: { readonly tip: DesiredTree; readonly base: DesiredTree; readonly head: DesiredTree }
  readonly files: readonly ReadFile[]
  readonly rows: ReadonlyMap<string, PromptRow>
  readonly layout: string | null
}

/** A prompt file that differs between the base and the head. */
export interface ReadFile {
  readonly id: string
  readonly path: string
  /** The head's; `null` where the file is gone. */
  readonly blob: Oid | null
  /** The head's version, or why there is none, as a sentence; `null` where the file is gone. */
  readonly after: { readonly label: string } | { readonly problem: string } | null
  /** Whether the base has a version of it. */
  readonly before: boolean
  readonly diff: string | null
}

/** Pure: the plan of what was read. */
export function makePullRequestPlan(read: ReadPullRequest): PullRequestPlan {
  const { source, pullRequest, branch, base, commit, files, layout } = read
  return {
    source: source.name,
    pullRequest,
    branch,
    base,
    commit,
    differences: files.flatMap(differenceOf).sort((a, b) => (a.id < b.id ? -1 : 1)),
    quarantined: quarantinedBy(read),
    promotions: promotionsOf(read),
    layout,
    massChange: massChangeOf(read),
  }
}

function differenceOf({ id, path, before, after, diff }: ReadFile): PromptDifference[] {
  if (after !== null && 'problem' in after) return []
  if (after === null) return before ? [{ id, path, change: 'removed', diff }] : []
  return [{ id, path, change: before ? 'changed' : 'new', diff }]
}

function quarantinedBy({ trees, files }: ReadPullRequest): Quarantined[] {
  const known = new Set(trees.base.quarantined.map(({ path, blob, reason }) => `${path}\0${blob}\0${reason}`))
  const byName = trees.head.quarantined.filter(
    ({ path, blob, reason }) => !known.has(`${path}\0${blob}\0${reason}`),
  )
  const byText = files.flatMap(({ path, blob, after }) =>
    blob !== null && after !== null && 'problem' in after ? [{ path, blob, reason: after.problem }] : [],
  )
  return [...byName, ...byText].sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Of the merged branch: what the branch has now, as the registry knows it, with the changes of the pull request. */
function promotionsOf({ trees, files, rows }: ReadPullRequest): string[] {
  const labels = new Map(trees.tip.files.map(({ id }) => [id, rows.get(id)?.latest ?? null]))
  for (const { id, after } of files)
    if (after !== null && 'label' in after) labels.set(id, after.label)
    else labels.delete(id)
  const isPromoted = ([id, label]: readonly [string, string | null]) => {
    const row = rows.get(id)
    return label !== null && label !== (row?.stable ?? null) && row?.hold?.kind !== 'until_lifted'
  }
  return [...labels]
    .filter(isPromoted)
    .map(([id]) => id)
    .sort()
}

function massChangeOf(read: ReadPullRequest): string | null {
  const { source, trees, files, rows } = read
  if (source.massChange === false) return null
  const ids = new Set(trees.tip.ids.values())
  const headIds = new Set(trees.head.ids.values())
  const upheaval = {
    prompts: ids.size,
    missing: files.flatMap(({ id, after }) =>
      after === null && ids.has(id) && !headIds.has(id) ? [id] : [],
    ),
    quarantined: quarantinedBy(read)
      .map(({ path }) => path)
      .filter((path) => ids.has(trees.head.ids.get(path) ?? '')),
    replaced: [],
    retired: [],
    owned: rows.size,
  }
  return judgeMassChange(upheaval, source.massChange)?.message ?? null
}
