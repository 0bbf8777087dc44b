import type { PromptRow } from '../../api/contract/registry-api.ts'
import { compareReleases, higherRelease } from '../../api/contract/release.ts'
import { isHeldBySource } from '../../api/contract/release-line.ts'
import type { NewFinding } from '../findings/finding.ts'
import type { ArchiveChange, PlannedChange, PromoteChange, RetireChange } from './changes.ts'
import type { PlanInput, WholeRelease } from './plan-input.ts'
import { frozenRetirement, heldBySource, heldRetirement, readRetirement } from './refusals.ts'

export interface Removal {
  /** Applied before `archive`, which comes after the last push because it needs the prompt to exist. */
  readonly retire: readonly RetireChange[]
  readonly archive: readonly ArchiveChange[]
  readonly findings: readonly NewFinding[]
}

export interface RemovalSettings {
  readonly prune: boolean
  /** ISO 8601; `null` outside of freezes. */
  readonly frozenUntil: string | null
  /** Whether to retire prompts that somebody reads. Default: false. */
  readonly retireRead?: boolean
}

const NOTHING: Removal = { retire: [], archive: [], findings: [] }

/**
 * Archives a prompt that the branch no longer has, and retires it if the newest release lacks it too. `target`: the id
 * to which it moved.
 */
export function planRemoval(
  id: string,
  row: PromptRow | null,
  planned: readonly PlannedChange[],
  input: Pick<PlanInput, 'source' | 'branchIds' | 'commit' | 'newest' | 'sourceHold' | 'inUse'>,
  { prune, frozenUntil, retireRead = false }: RemovalSettings,
  target: string | undefined,
): Removal {
  const { source, branchIds, commit, newest, sourceHold } = input
  // Any change makes this source the owner.
  const isOurs = (row?.source === source && !row.deleted) || planned.length > 0
  if (branchIds.has(id) || !isOurs) return NOTHING
  // Absent in the answers of older registries.
  const known = row?.moved_to ?? null
  const movedTo = target ?? known
  const isDone = row?.archived === true && movedTo === known
  const archive: ArchiveChange[] = isDone ? [] : [{ do: 'archive', id, commit, movedTo }]
  const retirement =
    prune && newest !== null && !newest.ids.has(id) ? retirementOf(id, row, planned, newest) : null
  if (retirement === null) return { ...NOTHING, archive }
  const { release } = retirement
  const promoted = planned.some((change) => change.do === 'promote')
  if (row?.hold != null && !promoted)
    return { ...NOTHING, archive, findings: [heldRetirement(id, release, row.hold.reason)] }
  if (isHeldBySource(sourceHold, release))
    return { ...NOTHING, archive, findings: [heldBySource(id, release, source)] }
  if (frozenUntil !== null)
    return { ...NOTHING, archive, findings: [frozenRetirement(id, release, frozenUntil)] }
  const use = input.inUse?.get(id)
  if (use !== undefined && !retireRead)
    return { ...NOTHING, archive, findings: [readRetirement(id, release, source, use)] }
  return { retire: [retirement], archive, findings: [] }
}

/** Only forward on the release line: a prompt with a higher release of its own stays in service. */
function retirementOf(
  id: string,
  row: PromptRow | null,
  planned: readonly PlannedChange[],
  { release, tag, commit }: WholeRelease,
): RetireChange | null {
  const promotion = planned.find((change): change is PromoteChange => change.do === 'promote')
  const highest = higherRelease(promotion?.release, row?.highest_release ?? undefined)
  const from = promotion?.version ?? row?.stable ?? null
  const isAbove = highest === undefined || compareReleases(release, highest) > 0
  return from !== null && isAbove ? { do: 'retire', id, release, tag, commit, from } : null
}
